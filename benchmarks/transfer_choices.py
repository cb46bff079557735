"""How scenario 2 fine-tunes, chosen on ants and bees: learning rate, rates by depth, thawing.

    .venv/bin/python -m benchmarks.transfer_choices $KCNN_DATA/hymenoptera

A quarter of train is held out, five times; `val/` is never looked at. About half an hour on two cores.
"""

import sys
from itertools import product

import numpy as np

from kcnn.cli.output import print_table
from kcnn.experiment.transfer import transfer

RATES = (0.003, 0.01, 0.03)
THAWS = {"all at once, one rate": (0, 1.0), "a stage an epoch, rates x0.8": (1, 0.8)}
SPLITS = range(5)


def main(dataset: str) -> None:
    rows = []
    for rate, (name, (epochs, decay)) in product(RATES, THAWS.items()):
        shares = [
            transfer(
                "efficientnet_lite0",
                dataset,
                scenario=2,
                **{
                    "data.validation": 0.25,
                    "data.split_seed": split,
                    "optimizer.lr": rate,
                    "transfer.thaw_epochs": epochs,
                    "transfer.rate_decay": decay,
                },
            ).result.metrics["holdout_accuracy"]
            for split in SPLITS
        ]
        rows.append((rate, name, f"{100 * np.mean(shares):.2f} %", f"{100 * np.std(shares, ddof=1):.2f}"))
        print(rows[-1], file=sys.stderr, flush=True)
    print_table(("learning rate", "thawing", "held out", "deviation"), rows)


if __name__ == "__main__":
    main(sys.argv[1])
