"""What all figures share: size, colours, quiet axes, and a way to disk that leaves no half-written file."""

import warnings
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter

from kcnn.workspace import atomic_file

BLUE, ORANGE, GREY = "#2c6fbb", "#d95f02", "#6b7280"


def figure(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of so many inches, and its axes row by row, without the frame's upper and right line."""
    made = Figure(figsize=(width, height), layout="constrained")
    axes = [made.add_subplot(rows, columns, index + 1) for index in range(rows * columns)]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
    return made, axes


def logarithmic(axes: Axes, values: Sequence[float]) -> None:
    """Let the x axis be the logarithm of values, labelled 1 k, 3 k, 10 k."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=_ticks(values)))
    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _ticks(values: Sequence[float]) -> tuple[int, ...]:
    """Which digits bear a label in each power of ten, so that labels do not touch."""
    ratio = max(values, default=1) / max(min(values, default=1), 1e-9)
    if ratio < 10:
        return 1, 2, 5
    return (1, 3) if ratio < 200 else (1,)


def save(made: Figure, path: Path) -> None:
    """As PNG, atomically."""
    with atomic_file(path) as temporary, warnings.catch_warnings():
        # A class name in a script that the font lacks is drawn as boxes.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        made.savefig(temporary, format="png", dpi=130)
