"""Tables for people on stdout, one JSON object for programs, everything else on stderr."""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

_NUMERIC = r"-|[\d,.]+(e[-+]\d+)?( [%±a-zA-Z\d. ]*)?"

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")


def say(message: str) -> None:
    """A line for whoever watches."""
    click.echo(message, err=True)


def print_json(value: Any) -> None:
    """One object on one line of stdout."""
    click.echo(json.dumps(_finite(value), allow_nan=False, default=str))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> None:
    """A table on stdout; numbers to the right. Without a terminal it is as wide as it needs to be."""
    import sys

    from rich import box
    from rich.console import Console
    from rich.table import Table

    rows = [list(row) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        numeric = all(re.fullmatch(_NUMERIC, _text(row[index])) for row in rows)
        # What a row is called is what is typed next: it stays whole.
        table.add_column(column, justify="right" if numeric else "left", overflow="fold", no_wrap=index == 0)
    for row in rows:
        table.add_row(*(_text(value) for value in row))
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    if title:
        # Not the table's own title, which is folded to the table's width.
        console.print(f"\n {title}", style="bold", markup=False, soft_wrap=True)
    console.print(table)


def percent(share: float | None) -> str:
    """A share in 0..1 as it is read."""
    return "-" if share is None else f"{100 * share:.2f} %"


SHARES = ("accuracy", "pixel_error", "iou", "dice", "rand_error", "best_rand_error", "coverage_80", "coverage_95")
"""What is measured in 0..1 and read in percent."""


def measure(name: str, value: float | None) -> str:
    """A measured number as it is read."""
    if value is None or math.isnan(value):
        return "-"
    if name in SHARES:
        return percent(value)
    # A loss may be as small as one likes: its first digits count.
    return f"{value:.4f}" if value == 0 or abs(value) >= 1e-3 else f"{value:.2e}"


def shown(names: Iterable[str]) -> list[str]:
    """Which of the measures are for people: the accuracy of pixels is what their error leaves.

    What stands behind a slash is a part of what stands before it, such as the error of one series.
    """
    names = [name for name in names if "/" not in name]
    return [name for name in names if not (name == "accuracy" and "pixel_error" in names)]


def measures(values: Mapping[str, float], between: str) -> str:
    """Measured numbers with their names, the loss first: loss 0.1234, accuracy 97.00 %."""
    first = sorted(shown(values), key=lambda name: name != "loss")
    return between.join(f"{name.replace('_', ' ')} {measure(name, values[name])}" for name in first)


def exactness(difference: float) -> str:
    """How near an export comes to its model."""
    return f"to {difference:.1e}" if difference else "exactly"


def count(number: float | None) -> str:
    """A large number as it is read: 61,706 or 40.8 M."""
    if number is None or math.isnan(number):
        return "-"
    for unit, size in (("G", 1e9), ("M", 1e6)):
        if number >= size:
            return f"{number / size:.3g} {unit}" if number < 1e3 * size else f"{number / size:,.0f} {unit}"
    return f"{number:,.0f}"


def duration(seconds: float | None) -> str:
    """Seconds as they are read: 8.3 s, 2 min 05 s, 1 h 12 min."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def _finite(value: Any) -> Any:
    """The same with null for what JSON has no number for: a loss that is not finite."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else str(value)
