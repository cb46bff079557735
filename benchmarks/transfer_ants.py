"""Ants and bees from ImageNet: fixed extractor, fine-tuning, and from scratch with the same budget, five seeds each.

    .venv/bin/python -m benchmarks.transfer_ants $KCNN_DATA/hymenoptera

All of train is trained on, `val/` is reported. About twelve minutes on two cores; every run is in MLflow.
"""

import sys
from dataclasses import replace

import numpy as np

from kcnn.cli.output import duration, print_table
from kcnn.experiment.pretrained import find
from kcnn.experiment.run import run
from kcnn.experiment.transfer import draft, transfer
from kcnn.workspace import Workspace

WEIGHTS = "efficientnet_lite0"
SEEDS = range(5)


def main(dataset: str) -> None:
    whole = {"data.validation": 0.0}
    scratch = replace(draft(find(WEIGHTS, Workspace()), dataset, None, scenario=2), transfer=None)
    ways = {
        "fixed extractor (scenario 1)": lambda seed: (
            transfer(WEIGHTS, dataset, scenario=1, **whole, **{"train.seed": seed}).result
        ),
        "fine-tuned (scenario 2)": lambda seed: (
            transfer(WEIGHTS, dataset, scenario=2, **whole, **{"train.seed": seed}).result
        ),
        "from scratch": lambda seed: run(scratch, **whole, **{"train.seed": seed}),
    }
    rows = []
    for name, train in ways.items():
        results = [train(seed) for seed in SEEDS]
        shares = [100 * result.metrics["val_accuracy"] for result in results]
        seconds = float(np.median([result.seconds for result in results]))
        spread = f"{np.mean(shares):.2f} ± {np.std(shares, ddof=1):.2f} %"
        rows.append((name, spread, f"{min(shares):.2f} %", f"{max(shares):.2f} %", duration(seconds)))
        print(rows[-1], file=sys.stderr, flush=True)
    print_table(("ants and bees", "mean and deviation", "least", "most", "seconds"), rows)


if __name__ == "__main__":
    main(sys.argv[1])
