"""`kcnn forecast`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from kcnn.cli.output import json_option, print_json, print_table, say


@click.command()
@click.argument("run")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--steps", default=10, show_default=True, type=click.IntRange(min=1), help="How many steps to say.")
@click.option(
    "--back", default=0, metavar="N", type=click.IntRange(min=0), help="Say them from N steps before the end."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="A .png or a .csv to write.")
@click.option("--overwrite", is_flag=True, help="Replace the file.")
@json_option
def forecast(
    run: str, file: Path | None, steps: int, back: int, output: Path | None, overwrite: bool, as_json: bool
) -> None:
    """Let RUN (`latest` for the newest) say how the series of FILE go on, or without one those that it learned from.

    FILE has the columns that the run's data had, by their names. Intervals are those that hold 80 % and 95 % of what
    came on the steps that the run held out.

    \b
    kcnn forecast conditional_wavenet_exchange rates.csv --steps 10
    kcnn forecast latest --back 10 -o forecast.png
    """
    from kcnn.experiment.forecast import forecast as say_ahead

    made = say_ahead(run, file, steps=steps, back=back, output=output, overwrite=overwrite)
    for note in made.notes:
        say(note)
    if as_json:
        print_json(made.to_json())
        return
    print_rows(made.rows, title=f"{made.source} after {made.origin}")
    if made.path:
        click.echo(f"{made.path}")


def print_rows(rows: Sequence[Mapping[str, Any]], title: str) -> None:
    """Forecasts with what some row of them has: dates, intervals, truth."""
    known = dict.fromkeys(name for row in rows for name in row)
    coverages = [name.removeprefix("lower_") for name in known if name.startswith("lower_")]
    date, truth = [name for name in ("date",) if name in known], [name for name in ("truth",) if name in known]
    table = [
        (
            row["series"],
            row["step"],
            *(row[name] for name in date),
            _level(row["forecast"]),
            *(_interval(row, coverage) for coverage in coverages),
            *(_level(row.get(name)) for name in truth),
        )
        for row in rows
    ]
    print_table(("series", "step", *date, "forecast", *(f"{each} %" for each in coverages), *truth), table, title)


def _interval(row: Mapping[str, Any], coverage: str) -> str:
    if f"lower_{coverage}" not in row:
        return "-"
    return f"{_level(row[f'lower_{coverage}'])} to {_level(row[f'upper_{coverage}'])}"


def _level(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"
