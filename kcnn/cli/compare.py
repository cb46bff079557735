"""`kcnn compare`."""

from typing import Any

import click

from kcnn.cli.output import count, duration, json_option, measure, print_json, print_table, say
from kcnn.errors import InputError


@click.command()
@click.argument("names", nargs=-1, metavar="NAME... [KEY=VALUE]...")
@click.option(
    "--data",
    metavar="DATASET",
    help="Compare models (not recipes) on digits, tfds:NAME, a folder (classes, image/ and label/, texts), a .csv.",
)
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Train each for about so long.")
@click.option(
    "--size", type=click.IntRange(min=1), help="Pixels a side (of tiles, where pixels are named), with --data."
)
@click.option("--resume", metavar="COMPARISON", help="Go on with an interrupted one (`latest` for the newest).")
@json_option
def compare(
    names: tuple[str, ...],
    data: str | None,
    minutes: float | None,
    size: int | None,
    resume: str | None,
    as_json: bool,
) -> None:
    """Train several recipes, or with --data several models under one recipe, and tabulate them.

    \b
    kcnn compare mlp_digits lenet5_digits resnet20_digits epochs=5
    kcnn compare --data ./photos lenet5 resnet20_cifar --minutes 5
    """
    from kcnn.cli.train import only_resume, trained
    from kcnn.experiment import compare as verbs

    if resume is not None:
        only_resume("comparison")
        comparison = trained(verbs.resume, resume)
    else:
        comparison = _compared(names, data, minutes, size)
    if as_json:
        print_json(comparison.to_json())
        return
    print_comparison(comparison)
    say(f"Next: kcnn export {comparison.best.run}    kcnn ui")


def _compared(names: tuple[str, ...], data: str | None, minutes: float | None, size: int | None) -> Any:
    from kcnn.cli.train import trained
    from kcnn.experiment import compare as verbs
    from kcnn.experiment.own_data import for_data
    from kcnn.recipes.overrides import parse

    changes = parse(name for name in names if "=" in name)
    chosen: Any = [name for name in names if "=" not in name]
    if not chosen:
        raise InputError("name at least one recipe (kcnn recipes), or with --data at least one model (kcnn models)")
    if data:
        chosen = for_data(data, chosen, size)
    elif size:
        raise InputError("--size goes with --data; for recipes say data.size=PIXELS")
    return trained(verbs.compare, chosen, minutes=minutes, changes=changes)


def print_comparison(comparison: Any) -> None:
    """The table, and which run is best."""
    metric = comparison.headline.metric
    shown = "" if metric == "accuracy" else f" {metric}"
    columns = (
        "recipe",
        f"val{shown}",
        f"test{shown}",
        "parameters",
        "multiply-adds",
        f"{comparison.best.facts['examples']}/s",
        "training",
    )
    rows = [
        (
            row["recipe"] + (" *" if row["run"] == comparison.best.run else ""),
            measure(metric, row[f"val_{metric}"]),
            measure(metric, row[f"test_{metric}"]),
            row["parameters"],
            count(row["multiply_adds"]),
            count(row["images_per_second"]),
            duration(row["seconds"]),
        )
        for row in comparison.rows()
    ]
    print_table(columns, rows, title=comparison.name)
    for name, why in comparison.failed.items():
        say(f"{name} has no result: {why}")
    held_out = comparison.best.facts["choosing"] != "train"
    by = "the part of train that is held out for choosing" if held_out else "train: nothing was held out for choosing"
    say(f"* best by {by}: {comparison.best.run}")
