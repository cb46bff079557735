"""When each plan wins: the four scenarios, and training from scratch, on data of several sizes and kinds.

    .venv/bin/python -m benchmarks.transfer_table OUTPUT.json DATASET... [--per-class 50 --per-class 500]

From EfficientNet-Lite0's ImageNet weights at 96 pixels, unless told otherwise. What OUTPUT.json already has is not run
again, so that the table can be interrupted and gone on with. Every run is in MLflow.
"""

import json
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import click
import numpy as np

from kcnn.cli.output import print_table
from kcnn.experiment.pretrained import find
from kcnn.experiment.run import run
from kcnn.experiment.transfer import draft, transfer
from kcnn.workspace import Workspace, atomic_file

WAYS = (1, 2, 3, 4, 0)
"""The scenarios, and 0 for none: from scratch, with the plan of scenario 4."""


@click.command()
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("datasets", nargs=-1)
@click.option("--per-class", "sizes", multiple=True, type=int, default=(50, 500))
@click.option("--seed", "seeds", multiple=True, type=int, default=(0,))
@click.option("--way", "ways", multiple=True, type=int, default=WAYS)
@click.option("--weights", default="efficientnet_lite0")
@click.option("--pixels", default=96)
def main(
    output: Path,
    datasets: tuple[str, ...],
    sizes: tuple[int, ...],
    seeds: tuple[int, ...],
    ways: tuple[int, ...],
    weights: str,
    pixels: int,
) -> None:
    """Run what is missing, and print everything."""
    done = json.loads(output.read_text()) if output.exists() else []
    for dataset, size, way, seed in product(datasets, sizes, ways, seeds):
        key = {"weights": weights, "pixels": pixels, "dataset": dataset, "per_class": size, "way": way, "seed": seed}
        if any(key.items() <= row.items() for row in done):
            continue
        done.append(key | _trained(weights, pixels, dataset, size, way, seed))
        print(done[-1], file=sys.stderr, flush=True)
        with atomic_file(output) as path:
            path.write_text(json.dumps(done, indent=1))
    ways = (f"scenario {way}" if way else "scratch" for way in WAYS)
    print_table(("weights", "pixels", "dataset", "a class", *ways), _rows(done))


def _rows(done: list[dict[str, Any]]) -> list[list[str]]:
    """A row for each dataset and size: the mean test accuracy of every way, and the deviation over seeds."""
    rows = []
    groups = ("weights", "pixels", "dataset", "per_class")
    for group in dict.fromkeys(tuple(row[name] for name in groups) for row in done):
        cells = []
        for way in WAYS:
            shares = [
                100 * row["test_accuracy"]
                for row in done
                if (*(row[name] for name in groups), row["way"]) == (*group, way)
            ]
            spread = f" ± {np.std(shares, ddof=1):.2f}" if len(shares) > 1 else ""
            cells.append(f"{np.mean(shares):.2f}{spread} %" if shares else "-")
        rows.append([*map(str, group), *cells])
    return rows


def _trained(weights: str, pixels: int, dataset: str, size: int, way: int, seed: int) -> dict[str, Any]:
    changes = {"data.per_class": size, "data.validation": 0.0, "data.split_seed": seed, "train.seed": seed}
    if way:
        made = transfer(weights, dataset, scenario=way, size=pixels, **changes)
        result = made.result
        seen = {"distance": made.proposal.distance, "cut": result.recipe.transfer.cut}
    else:
        recipe = replace(draft(find(weights, Workspace()), dataset, pixels, scenario=4), transfer=None)
        result, seen = run(recipe, **changes), {}
    return seen | {
        "run": result.run,
        "test_accuracy": result.metrics["test_accuracy"],
        "train_accuracy": result.metrics["train_accuracy"],
        "seconds": result.seconds,
    }


if __name__ == "__main__":
    main()
