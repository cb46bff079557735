"""Panels side by side: pictures, matrices with their numbers, curves and bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullLocator, PercentFormatter

from kcnn.plots.figure import BLUE, GREY, ORANGE, figure

GREEN, RED = "#2e8b57", "#c0392b"
COLOURS = (BLUE, ORANGE, GREEN, RED, GREY)

_STYLES = ("-", "--", "-.", ":", "-")
"""So that a line that lies on another one is seen."""

Colours = Literal["grey", "signed", "heat"]
_MAPS: Mapping[str, str] = {"grey": "gray", "signed": "RdBu_r", "heat": "inferno"}

Numbers = Sequence[float] | np.ndarray

BRIGHTEST = 99.5
"""The percentile of a heat map that is drawn as brightest: one pixel must not leave all others dark."""

OPAQUE = 0.85
"""How much of an image the strongest values over it hide."""

_SMALL = 150
"""Pixels below which they are drawn as squares."""

_THOUSANDS = 1e4
"""From where on numbers on an axis are written with a letter: 20 k, 3 M."""

_WIDE = 18
"""Characters of a label that leave no room for another one beside it."""


class Panel:
    """One part of a figure, with a title, and perhaps a line below it that says what is seen."""

    title: str
    caption: str

    def draw(self, axes: Axes) -> None:
        """Draw everything but title and caption."""
        raise NotImplementedError

    def place(self, axes: Axes) -> None:
        """Draw it on axes of its own."""
        axes.set_title(self.title, fontsize=11 if self.caption else 10, pad=17 if self.caption else 6, parse_math=False)
        if self.caption:
            below = axes.text(
                0.5, 1.02, self.caption, fontsize=8, color=GREY, ha="center", va="bottom", parse_math=False
            )
            below.set_transform(axes.transAxes)
        self.draw(axes)


@dataclass(frozen=True)
class Picture(Panel):
    """Values (H, W) or (H, W, 3); "grey" and colours are in 0..1, "heat" begins at 0, "signed" has white at 0.

    `under` is an image (H, W, 1 or 3) in 0..1 that is seen through the values, in grey. With `scale`, which names the
    values, a colour bar stands below. `boxes` are (row, column, height, width) in pixels, with a colour each.
    """

    image: np.ndarray
    title: str = ""
    colours: Colours = "grey"
    boxes: Sequence[tuple[tuple[float, float, float, float], str]] = ()
    caption: str = ""
    under: np.ndarray | None = None
    scale: str = ""

    def draw(self, axes: Axes) -> None:
        """The values, over what is under them, a bar for their scale, and a frame for each box."""
        axes.set_axis_off()
        low, high = self._limits()
        colours = ScalarMappable(Normalize(low, high), _MAPS[self.colours])
        shown, extent = self.image, None
        if self.under is not None:
            height, width = self.under.shape[:2]
            extent = (-0.5, width - 0.5, height - 0.5, -0.5)
            axes.imshow(self.under.mean(axis=-1), cmap="gray", vmin=0, vmax=1, extent=extent)
            shown = colours.to_rgba(shown)
            # The less there is to say about a place, the more of the image is seen.
            shown[..., 3] = OPAQUE * np.minimum(np.abs(self.image) / high, 1)
        sharp = "nearest" if max(self.image.shape[:2]) < _SMALL else "antialiased"
        axes.imshow(shown, cmap=colours.cmap, vmin=low, vmax=high, interpolation=sharp, extent=extent)
        if self.scale:
            self._bar(axes, colours)
        for (row, column, height, width), colour in self.boxes:
            corner = (column - 0.5, row - 0.5)
            axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=1.8))

    def _limits(self) -> tuple[float, float]:
        if self.colours == "grey":
            return 0.0, 1.0
        if self.colours == "heat":
            return 0.0, float(np.nanpercentile(self.image, BRIGHTEST)) or 1.0
        return _symmetric(self.image)

    def _bar(self, axes: Axes, colours: ScalarMappable) -> None:
        bar = axes.figure.colorbar(colours, cax=axes.inset_axes((0.05, -0.06, 0.9, 0.03)), orientation="horizontal")
        bar.ax.tick_params(labelsize=7)
        bar.locator = MaxNLocator(4)
        bar.set_label(self.scale, fontsize=8, color=GREY)
        bar.outline.set_visible(False)


@dataclass(frozen=True)
class Matrix(Panel):
    """A small matrix with its numbers, written as `form` says, in cells that are shaded by value; 0 is white."""

    values: np.ndarray
    title: str = ""
    form: str = ".3g"
    caption: str = ""

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
    caption: str = ""

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
            top = max(float(np.max(values)) for values in self.lines.values())
            axes.set_ylim(self.bottom, top + 0.04 * (top - self.bottom))
        axes.set_xlabel(self.xlabel)
        axes.set_ylabel(self.ylabel)
        axes.grid(alpha=0.25)
        if len(self.lines) > 1:
            # Below, where no line is.
            below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.2), "frameon": False, "fontsize": 8}
            axes.legend(ncols=1 if max(map(len, self.lines)) > _WIDE else 2, **below)


@dataclass(frozen=True)
class Points(Panel):
    """A point a label: x on a logarithmic scale, and y, a share; with `spread` a line of y minus and plus that much."""

    points: Mapping[str, tuple[float, float]]
    title: str = ""
    xlabel: str = ""
    spread: Mapping[str, float] = field(default_factory=dict)
    caption: str = ""

    def draw(self, axes: Axes) -> None:
        """The points, with a legend below."""
        for (label, (x, y)), colour in zip(self.points.items(), cycle(COLOURS), strict=False):
            axes.errorbar(x, y, self.spread.get(label), fmt="o", color=colour, label=label, capsize=3)
        axes.set_xscale("log")
        axes.margins(0.15)
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel(self.xlabel)
        axes.grid(alpha=0.25)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False, fontsize=8, ncols=2)


@dataclass(frozen=True)
class Bars(Panel):
    """A bar a label, with its value written at the end as `form` says."""

    values: Mapping[str, float]
    title: str = ""
    xlabel: str = ""
    form: str = ",.0f"
    caption: str = ""

    def draw(self, axes: Axes) -> None:
        """Horizontal bars, the first above."""
        names, values = list(self.values), list(self.values.values())
        drawn = axes.barh(names, values, color=[COLOURS[index % len(COLOURS)] for index in range(len(names))])
        axes.bar_label(drawn, labels=[f"{value:{self.form}}" for value in values], padding=3, fontsize=9)
        axes.invert_yaxis()
        axes.margins(x=0.3)
        if max(values) >= _THOUSANDS:
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
            rows[row][column].place(each)
        else:
            each.set_axis_off()
    return made


def _symmetric(values: np.ndarray) -> tuple[float, float]:
    """The range about 0 that holds all values."""
    largest = float(np.nanmax(np.abs(values))) or 1.0
    return -largest, largest
