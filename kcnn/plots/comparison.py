"""Runs side by side: how right they are against what they cost."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from kcnn.plots.curves import SHARES
from kcnn.plots.figure import BLUE, GREY, figure, logarithmic


def comparison(rows: Sequence[Mapping[str, Any]], measure: str = "accuracy") -> Figure:
    """`rows` hold `recipe`, `parameters`, `multiply_adds`, `seconds`, and the measure as `test_...` or `val_...`.

    A measure other than a squared error is a share, in 0..1.
    """
    tested = any(row.get(f"test_{measure}") is not None for row in rows)
    key = f"test_{measure}" if tested else f"val_{measure}"
    shown = [row for row in rows if row.get(key) is not None]
    made, axes = figure(11, 3.6, columns=3)
    costs = {
        "parameters": "parameters",
        "multiply_adds": "multiply-adds an example",
        "seconds": "seconds of training",
    }
    for each, (cost, label) in zip(axes, costs.items(), strict=True):
        logarithmic(each, [row[cost] for row in shown])
        for row in shown:
            each.plot(row[cost], row[key], "o", color=BLUE)
            each.annotate(
                row["recipe"],
                (row[cost], row[key]),
                xytext=(0, 7),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=GREY,
                parse_math=False,
            )
        each.set_xlabel(label)
        if measure in SHARES:
            each.yaxis.set_major_formatter(PercentFormatter(1.0))
        each.margins(x=0.35, y=0.25)
        each.grid(alpha=0.25)
    axes[0].set_ylabel(key.replace("_", " ").replace("val ", "validation "))
    return made
