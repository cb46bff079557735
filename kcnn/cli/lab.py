"""`kcnn lab`."""

from pathlib import Path
from typing import Any

import click

from kcnn.cli.output import duration, json_option, print_json, print_table, say
from kcnn.errors import InputError


@click.command()
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="Every lab, one after another.")
@click.option("--full", is_flag=True, help="The longer form, where there is one: trained for more epochs.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The figure; .kcnn/labs/NAME.png unless given.")
@json_option
@click.pass_context
def lab(context: click.Context, name: str | None, every: bool, full: bool, output: Path | None, as_json: bool) -> None:
    """Try the claim of the lab NAME: print its verdict with numbers, write a figure.

    The exit code is 1 where a claim does not hold that should: some need more than a lab has. `kcnn labs` lists
    the names, and what each found when it was last tried here. With --all, --full takes the longer form of those that
    have one.
    """
    from kcnn.cli.progress import listener
    from kcnn.labs import run as verbs
    from kcnn.labs.catalog import LABS
    from kcnn.workspace import check_figure

    if every == bool(name):
        raise InputError("give the NAME of a lab or --all: kcnn labs lists them")
    if every and output:
        raise InputError("--output goes with one lab")
    if output:
        check_figure(output)
    names = list(LABS) if every else [verbs.find(str(name)).name]
    findings = []
    for place, each in enumerate(names, 1):
        watcher = listener()
        watcher.preparing(f"measuring {each}" + (f", {place} of {len(names)}" if every else ""))
        try:
            found = verbs.run(each, full=full and not (every and LABS[each].longer is None), output=output)
        finally:
            watcher.close()
        findings.append(found)
        if found.note:
            say(f"{each}: {found.note}")
        if every:
            say(f"{each}: the claim {_verdict(found)} ({duration(found.seconds)})")
        if as_json:
            print_json(found.to_json())
        elif not every:
            _print(found)
    if every and not as_json:
        rows = [(found.lab.name, _verdict(found), duration(found.seconds), found.lab.claim) for found in findings]
        print_table(("lab", "verdict", "time", "claim"), rows)
    if not all(found.holds or found.lab.needs for found in findings):
        context.exit(1)


def _print(found: Any) -> None:
    """One lab as it is read."""
    rows = [(name.replace("_", " "), _number(value)) for name, value in found.numbers.items()]
    print_table(("measured", "value"), rows, title=f"{found.lab.page}: {found.lab.claim}")
    click.echo(f"The claim {_verdict(found)}, measured in {duration(found.seconds)}.")
    if found.lab.needs and not found.holds:
        click.echo(f"It is known not to hold at this scale: it needs {found.lab.needs}.")
    say(f"The figure is {found.figure}")


def _verdict(found: Any) -> str:
    return "holds" if found.holds else "does NOT hold"


def _number(value: float) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.1e}" if 0 < abs(value) < 1e-3 else f"{value:,.4g}"
