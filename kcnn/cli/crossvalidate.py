"""`kcnn crossvalidate`."""

from typing import Any

import click

from kcnn.cli.output import SHARES, count, duration, json_option, print_json, print_table, say, shown
from kcnn.errors import InputError


@click.command()
@click.argument("names", nargs=-1, metavar="RECIPE... [KEY=VALUE]...")
@click.option("--data", metavar="FOLDER", help="A folder of images and masks, instead of the recipes'.")
@click.option("--resume", metavar="NAME", help="Go on with an interrupted one (`latest` for the newest).")
@json_option
def crossvalidate(names: tuple[str, ...], data: str | None, resume: str | None, as_json: bool) -> None:
    """Train each RECIPE once for every fold of its data, and tabulate mean and spread.

    \b
    kcnn crossvalidate unet_membranes fcn8s_membranes --data ./em_membranes
    """
    from kcnn.cli.train import only_resume, trained
    from kcnn.experiment import crossvalidate as verbs
    from kcnn.recipes.overrides import parse

    if resume is not None:
        only_resume("cross-validation")
        made = trained(verbs.resume, resume)
    else:
        chosen = [name for name in names if "=" not in name]
        if not chosen:
            raise InputError("name at least one recipe (kcnn recipes)")
        changes = parse(name for name in names if "=" in name) | ({"data.source": data} if data else {})
        made = trained(verbs.crossvalidate, chosen, changes=changes)
    if as_json:
        print_json(made.to_json())
        return
    print_folds(made)


def print_folds(made: Any) -> None:
    """The table: mean ± standard deviation over the folds."""
    rows = made.rows()
    measures = shown(made.measures)
    columns = ("recipe", "folds", *(name.replace("_", " ") for name in measures), "parameters", "training")
    table = [
        (
            row["recipe"],
            row["folds"],
            *(_spread(name, row[name], row[f"{name}_spread"]) for name in measures),
            count(row["parameters"]),
            duration(row["seconds"]),
        )
        for row in rows
    ]
    print_table(columns, table, title=made.name)
    for name, why in made.failed.items():
        say(f"{name} has no result: {why}")
    say("Mean ± standard deviation over the folds, each measured by a network that has not seen it; time of all folds.")


def _spread(name: str, mean: float, deviation: float) -> str:
    if name in SHARES:
        return f"{100 * mean:.2f} ± {100 * deviation:.2f} %"
    return f"{mean:.4f} ± {deviation:.4f}"
