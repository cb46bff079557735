"""How far datasets are from the photographs that ImageNet's weights know: what the scenarios are proposed by.

    .venv/bin/python -m benchmarks.transfer_distances 96 $KCNN_DATA/hymenoptera tfds:cifar10 tfds:mnist digits

The first argument is the size in pixels.
"""

import sys

from kcnn.cli.output import print_table
from kcnn.experiment.asked import ask
from kcnn.experiment.transfer import proposed

WEIGHTS = "efficientnet_lite0"


def main(size: int, datasets: list[str]) -> None:
    rows = []
    for dataset in datasets:
        asked = ask(WEIGHTS, dataset, size=size, per_class=150)
        found = proposed(asked)
        rows.append((dataset, f"{found.distance:.3f}"))
        print(rows[-1], file=sys.stderr, flush=True)
    print_table(("dataset", f"distance at {size} pixels"), rows)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
