"""Choose how a scenario's plan trains, by parts of train that are held out in turn; no other split is looked at.

    .venv/bin/python -m benchmarks.transfer_choices $KCNN_DATA/hymenoptera --scenario 2 \\
      "optimizer.lr=0.01 transfer.thaw_epochs=0 transfer.rate_decay=1" "optimizer.lr=0.01"

Each further argument is a candidate: what it changes in the plan. A quarter of train is held out, five times.
"""

import sys
from pathlib import Path

import click
import numpy as np

from kcnn.cli.output import print_table
from kcnn.experiment.transfer import transfer
from kcnn.recipes.overrides import parse


@click.command()
@click.argument("dataset")
@click.argument("candidates", nargs=-1)
@click.option("--weights", default="efficientnet_lite0")
@click.option("--scenario", type=int, default=2)
@click.option("--size", type=int)
@click.option("--splits", default=5)
def main(dataset: str, candidates: tuple[str, ...], weights: str, scenario: int, size: int | None, splits: int) -> None:
    """Print the mean and the deviation of the held-out accuracy of every candidate."""
    rows = []
    for candidate in candidates:
        changes = parse(candidate.split())
        shares = [
            100
            * transfer(
                weights,
                dataset,
                scenario=scenario,
                size=size,
                **changes,
                **{"data.validation": 0.25, "data.split_seed": split},
            ).result.metrics["holdout_accuracy" if _has_val(dataset) else "val_accuracy"]
            for split in range(splits)
        ]
        rows.append((candidate, f"{np.mean(shares):.2f} %", f"{np.std(shares, ddof=1):.2f}"))
        print(rows[-1], file=sys.stderr, flush=True)
    print_table(("candidate", "held out", "deviation"), rows)


def _has_val(dataset: str) -> bool:
    """Whether a folder has a `val` of its own: what is held out of train is called otherwise then."""
    return (Path(dataset) / "val").is_dir()


if __name__ == "__main__":
    main()
