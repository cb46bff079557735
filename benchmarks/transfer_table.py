"""When each plan wins: the four scenarios, and training from scratch, on data of several sizes and kinds.

    .venv/bin/python -m benchmarks.transfer_table OUTPUT.json DATASET... [--per-class 50 --per-class 500]

From EfficientNet-Lite0's ImageNet weights at 96 pixels. What OUTPUT.json already has is not run again, so that the
table can be interrupted and gone on with. Every run is in MLflow.
"""

import json
from dataclasses import replace
from pathlib import Path

import click

from kcnn.cli.output import percent, print_table
from kcnn.experiment.run import run
from kcnn.experiment.transfer import draft, transfer
from kcnn.workspace import Workspace, atomic_file

WEIGHTS, SIZE = "efficientnet_lite0", 96
WAYS = (1, 2, 3, 4, 0)
"""The scenarios, and 0 for none: from scratch, with the plan of scenario 4."""


@click.command()
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("datasets", nargs=-1)
@click.option("--per-class", "sizes", multiple=True, type=int, default=(50, 500))
@click.option("--seed", "seeds", multiple=True, type=int, default=(0,))
@click.option("--way", "ways", multiple=True, type=int, default=WAYS)
def main(
    output: Path, datasets: tuple[str, ...], sizes: tuple[int, ...], seeds: tuple[int, ...], ways: tuple[int, ...]
) -> None:
    """Run what is missing, and print everything."""
    done = json.loads(output.read_text()) if output.exists() else []
    for dataset in datasets:
        for size in sizes:
            for way in ways:
                for seed in seeds:
                    key = {"dataset": dataset, "per_class": size, "way": way, "seed": seed}
                    if any(key.items() <= row.items() for row in done):
                        continue
                    done.append(key | _trained(dataset, size, way, seed))
                    print(done[-1], flush=True)
                    with atomic_file(output) as path:
                        path.write_text(json.dumps(done, indent=1))
    rows = [
        (
            row["dataset"],
            row["per_class"],
            row["way"] or "scratch",
            row["seed"],
            percent(row["test_accuracy"]),
            row["run"],
        )
        for row in done
    ]
    print_table(("dataset", "a class", "scenario", "seed", "test", "run"), rows)


def _trained(dataset: str, size: int, way: int, seed: int) -> dict[str, object]:
    changes = {"data.per_class": size, "data.validation": 0.0, "data.split_seed": seed, "train.seed": seed}
    if way:
        made = transfer(WEIGHTS, dataset, scenario=way, size=SIZE, **changes)
        result, seen = made.result, {"distance": made.proposal.distance, "cut": made.recipe.transfer.cut}
    else:
        recipe = replace(draft(WEIGHTS, dataset, Workspace(), scenario=4, size=SIZE), transfer=None)
        result, seen = run(recipe, **changes), {}
    return seen | {
        "run": result.run,
        "test_accuracy": result.metrics["test_accuracy"],
        "train_accuracy": result.metrics["train_accuracy"],
        "seconds": result.seconds,
    }


if __name__ == "__main__":
    main()
