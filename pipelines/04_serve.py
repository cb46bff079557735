"""Serve saved_models/ with the embedded server: python pipelines/04_serve.py --port 8501."""

import sys

from kcnn.cli.main import call

if __name__ == "__main__":
    sys.exit(call(["serve", *sys.argv[1:]]))
