"""Panels side by side: pictures, matrices with their numbers, curves and bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import EngFormatter, NullLocator, PercentFormatter

from kcnn.plots.figure import BLUE, GREY, ORANGE, figure

GREEN, RED = "#2e8b57", "#c0392b"
COLOURS = (BLUE, ORANGE, GREEN, RED, GREY)

_STYLES = ("-", "--", "-.", ":", "-")
"""So that a line that lies on another one is seen."""

Colours = Literal["grey", "signed", "heat"]
_MAPS: Mapping[str, str] = {"grey": "gray", "signed": "RdBu_r", "heat": "magma"}

Numbers = Sequence[float] | np.ndarray


class Panel:
    """One part of a figure, with a title."""

    title: str

    def draw(self, axes: Axes) -> None:
        """Draw everything but the title."""
        raise NotImplementedError


@dataclass(frozen=True)
class Picture(Panel):
    """An image (H, W) or (H, W, 3) in 0..1 for "grey", of any range for the others; "signed" has white at 0.

    `boxes` are (row, column, height, width) in pixels, with a colour each.
    """

    image: np.ndarray
    title: str = ""
    colours: Colours = "grey"
    boxes: Sequence[tuple[tuple[float, float, float, float], str]] = ()

    def draw(self, axes: Axes) -> None:
        """The pixels, and a frame for each box."""
        axes.set_axis_off()
        low, high = {"grey": (0.0, 1.0), "signed": _symmetric(self.image), "heat": (None, None)}[self.colours]
        smooth = "nearest" if max(self.image.shape[:2]) < 100 else "antialiased"
        axes.imshow(self.image, cmap=_MAPS[self.colours], vmin=low, vmax=high, interpolation=smooth)
        for (row, column, height, width), colour in self.boxes:
            corner = (column - 0.5, row - 0.5)
            axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=1.8))


@dataclass(frozen=True)
class Matrix(Panel):
    """A small matrix with its numbers, written as `form` says, in cells that are shaded by value; 0 is white."""

    values: np.ndarray
    title: str = ""
    form: str = ".3g"

    def draw(self, axes: Axes) -> None:
        """A cell a number."""
        low, high = _symmetric(self.values)
        # Half of the colours' range, so that black numbers can be read on all of them.
        axes.imshow(self.values, cmap="RdBu_r", vmin=2 * low, vmax=2 * high)
        rows, columns = self.values.shape
        size = max(6.0, min(13.0, 72 / max(rows, columns)))
        for (row, column), value in np.ndenumerate(self.values):
            axes.text(column, row, f"{value:{self.form}}", ha="center", va="center", fontsize=size)
        axes.set_xticks(np.arange(columns + 1) - 0.5)
        axes.set_yticks(np.arange(rows + 1) - 0.5)
        axes.grid(color="white", linewidth=1)
        axes.tick_params(length=0, labelbottom=False, labelleft=False)
        axes.spines[:].set_visible(False)


@dataclass(frozen=True)
class Curves(Panel):
    """Lines over a common x, by label. `log` names the axes with a logarithmic scale: "x", "y" or "xy"."""

    x: Numbers
    lines: Mapping[str, Numbers]
    title: str = ""
    xlabel: str = ""
    ylabel: str = ""
    log: str = ""
    bottom: float | None = None

    def draw(self, axes: Axes) -> None:
        """The lines, with a legend where there are several."""
        for (label, values), colour, style in zip(self.lines.items(), COLOURS, _STYLES, strict=False):
            axes.plot(self.x, values, style, color=colour, label=label, marker="o", markersize=3)
        if "x" in self.log:
            axes.set_xscale("log")
            axes.set_xticks(self.x, [f"{value:g}" for value in self.x])
            axes.xaxis.set_minor_locator(NullLocator())
        if "y" in self.log:
            axes.set_yscale("log")
        if self.bottom is not None:
            axes.set_ylim(bottom=self.bottom)
        axes.set_xlabel(self.xlabel)
        axes.set_ylabel(self.ylabel)
        axes.grid(alpha=0.25)
        if len(self.lines) > 1:
            # Below, where no line is.
            axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)


@dataclass(frozen=True)
class Bars(Panel):
    """A bar a label, with its value written at the end as `form` says."""

    values: Mapping[str, float]
    title: str = ""
    xlabel: str = ""
    log: bool = False
    form: str = ",.0f"

    def draw(self, axes: Axes) -> None:
        """Horizontal bars, the first above."""
        names, values = list(self.values), list(self.values.values())
        drawn = axes.barh(names, values, color=[COLOURS[index % len(COLOURS)] for index in range(len(names))])
        axes.bar_label(drawn, labels=[f"{value:{self.form}}" for value in values], padding=3, fontsize=9)
        axes.invert_yaxis()
        if self.log:
            axes.set_xscale("log")
        axes.margins(x=0.3)
        axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
        if self.form.endswith("%"):
            axes.set_xlim(0, 1.3)
            axes.set_xticks([0, 0.5, 1.0])
            axes.spines.bottom.set_bounds(0, 1)
            axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel(self.xlabel)


def panels(rows: Sequence[Sequence[Panel]], width: float = 3.2, height: float = 3.0) -> Figure:
    """A figure of rows of panels, each `width` x `height` inches; a shorter row leaves room at its end."""
    columns = max(map(len, rows))
    made, axes = figure(width * columns, height * len(rows), len(rows), columns)
    for index, each in enumerate(axes):
        row, column = divmod(index, columns)
        if column < len(rows[row]):
            panel = rows[row][column]
            each.set_title(panel.title, fontsize=10, parse_math=False)
            panel.draw(each)
        else:
            each.set_axis_off()
    return made


def _symmetric(values: np.ndarray) -> tuple[float, float]:
    """The range about 0 that holds all values."""
    largest = float(np.nanmax(np.abs(values))) or 1.0
    return -largest, largest
