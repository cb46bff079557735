"""What all figures share: size, colours, quiet axes, and a way to disk that leaves no half-written file."""

import warnings
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcnn.workspace import atomic_file

BLUE, ORANGE, GREY = "#2c6fbb", "#d95f02", "#6b7280"


def figure(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of so many inches, and its axes row by row, without the frame's upper and right line."""
    made = Figure(figsize=(width, height), layout="constrained")
    axes = [made.add_subplot(rows, columns, index + 1) for index in range(rows * columns)]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
    return made, axes


def save(made: Figure, path: Path) -> None:
    """As PNG, atomically."""
    with atomic_file(path) as temporary, warnings.catch_warnings():
        # A class name in a script that the font lacks is drawn as boxes.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        made.savefig(temporary, format="png", dpi=130)
