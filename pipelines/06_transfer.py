"""Train from pretrained weights: python pipelines/06_transfer.py efficientnet_lite0 ./photos."""

import sys

from kcnn.cli.main import call

if __name__ == "__main__":
    sys.exit(call(["transfer", *(sys.argv[1:] or ["efficientnet_lite0", "digits"])]))
