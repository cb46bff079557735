"""Train a recipe: python pipelines/01_train.py lenet5_digits epochs=3."""

import sys

from kcnn.cli.main import call

if __name__ == "__main__":
    sys.exit(call(["train", *(sys.argv[1:] or ["lenet5_digits"])]))
