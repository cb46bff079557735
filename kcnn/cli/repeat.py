"""`kcnn repeat`, and what it has in common with `kcnn crossvalidate`."""

from typing import Any

import click

from kcnn.cli.output import SHARES, count, duration, json_option, measure, print_json, print_table, say, shown
from kcnn.errors import InputError


@click.command()
@click.argument("names", nargs=-1, metavar="RECIPE... [KEY=VALUE]...")
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(min=2), help="How often each is trained.")
@click.option("--data", metavar="DATASET", help="Instead of the recipes'.")
@click.option("--resume", metavar="NAME", help="Go on with an interrupted one (`latest` for the newest).")
@json_option
def repeat(names: tuple[str, ...], seeds: int, data: str | None, resume: str | None, as_json: bool) -> None:
    """Train each RECIPE from several seeds, and tabulate mean and spread.

    \b
    kcnn repeat tcn_copy lstm_copy --seeds 3
    """
    from kcnn.experiment import repeat as verbs

    run("repetition", verbs.COMMAND, verbs.repeat, names, seeds, data, resume, as_json)


def run(
    what: str,
    command: str,
    verb: Any,
    names: tuple[str, ...],
    seeds: int,
    data: str | None,
    resume: str | None,
    as_json: bool,
) -> None:
    """Begin it, or go on with it, and print what comes out."""
    from kcnn.cli.train import only_resume, trained
    from kcnn.experiment import several
    from kcnn.recipes.overrides import parse

    if resume is not None:
        only_resume(what)
        made = trained(several.resume, command, resume)
    else:
        chosen = [name for name in names if "=" not in name]
        if not chosen:
            raise InputError("name at least one recipe (kcnn recipes)")
        changes = parse(name for name in names if "=" in name) | ({"data.source": data} if data else {})
        made = trained(verb, chosen, seeds=seeds, changes=changes)
    if as_json:
        print_json(made.to_json())
        return
    print_trials(made)


def print_trials(made: Any) -> None:
    """The table: mean ± standard deviation over the trials."""
    rows = made.rows()
    measures = shown(made.measures)
    columns = ("recipe", "trials", *(name.replace("_", " ") for name in measures), "parameters", "training")
    table = [
        (
            row["recipe"],
            row["trials"],
            *(_spread(name, row[name], row[f"{name}_spread"]) for name in measures),
            count(row["parameters"]),
            duration(row["seconds"]),
        )
        for row in rows
    ]
    print_table(columns, table, title=made.name)
    for name, why in made.failed.items():
        say(f"{name} has no result: {why}")
    on = f"on {made.recipes[0].split}"
    unseen = "each measured by a network that has not seen the fold" if made.command == "crossvalidate" else on
    say(f"Mean ± standard deviation over the trials, {unseen}; time of all of them.")


def _spread(name: str, mean: float, deviation: float) -> str:
    if name in SHARES:
        return f"{100 * mean:.2f} ± {100 * deviation:.2f} %"
    return f"{measure(name, mean)} ± {measure(name, deviation)}"
