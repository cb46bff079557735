"""Compare recipes: python pipelines/02_compare.py mlp_digits lenet5_digits resnet20_digits."""

import sys

from kcnn.cli.main import call

if __name__ == "__main__":
    sys.exit(call(["compare", *(sys.argv[1:] or ["mlp_digits", "lenet5_digits", "resnet20_digits"])]))
