"""Export a run to saved_models/: python pipelines/03_export.py latest."""

import sys

from kcnn.cli.main import call

if __name__ == "__main__":
    sys.exit(call(["export", *(sys.argv[1:] or ["latest"])]))
