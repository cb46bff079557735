"""What a network looks at, in one picture: panels with captions, and the probabilities of the classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kcnn.plots.figure import BLUE, GREY, ORANGE, figure

Colours = Literal["image", "heat", "signed"]
_MAPS: Mapping[str, str] = {"image": "gray", "heat": "inferno", "signed": "RdBu_r"}

_BRIGHTEST = 99.5
"""The percentile of a heat map that is drawn as brightest: one pixel must not leave all others dark."""

_OPAQUE = 0.85
"""How much of the image the strongest values hide."""

_SMALL = 150
"""Pixels below which they are drawn as squares."""

_LONGEST = 34
"""Characters of a name that have room."""


@dataclass(frozen=True)
class Panel:
    """Values (h, w) or (h, w, 3) under a title and a line that says what they are.

    "image" is in 0..1, "heat" begins at 0, "signed" has white at 0. `under` is an image (H, W, 1 or 3) in 0..1 that is
    seen through the values, in grey. With `scale`, which names the values, a colour bar stands below.
    """

    title: str
    caption: str
    values: np.ndarray
    colours: Colours
    under: np.ndarray | None = None
    scale: str = ""


@dataclass(frozen=True)
class Lines:
    """Lines by label over a common x, both in 0..1, under a title and a line that says what they are."""

    title: str
    caption: str
    x: np.ndarray
    lines: Mapping[str, np.ndarray]


def explanation(title: str, panels: Sequence[Panel | Lines], probabilities: Mapping[str, float], chosen: str) -> Figure:
    """The panels row by row; the probabilities have bars, in their order, where the second row ends.

    The class `chosen`, which is explained, has a bar of its own colour.
    """
    columns = 4 if len(panels) > 5 else 3
    rows = -(-(len(panels) + 1) // columns)
    made, axes = figure(2.9 * columns, 3.1 * rows + 0.4, rows, columns)
    made.set_layout_engine("constrained", h_pad=0.12, w_pad=0.08)
    made.suptitle(title, fontsize=13, parse_math=False)
    bars = min(len(panels), 2 * columns - 1)
    drawn = [*panels[:bars], None, *panels[bars:]]
    for each, panel in zip(axes, drawn, strict=False):
        if panel is None:
            _bars(each, probabilities, chosen)
        elif isinstance(panel, Lines):
            _lines(each, panel)
        else:
            _panel(each, panel)
    for each in axes[len(drawn) :]:
        each.set_axis_off()
    return made


def about_grey(values: np.ndarray) -> np.ndarray:
    """Signed colours as an image in 0..1: 0 is a middle grey, the largest absolute value black or full."""
    return 0.5 + 0.5 * values / (np.abs(values).max() or 1.0)


def _panel(axes: Axes, panel: Panel) -> None:
    _caption(axes, panel.title, panel.caption)
    axes.set_axis_off()
    axes.set_anchor("N")
    low, high = _limits(panel)
    colours = ScalarMappable(Normalize(low, high), _MAPS[panel.colours])
    shown, extent = panel.values, None
    if panel.under is not None:
        height, width = panel.under.shape[:2]
        extent = (-0.5, width - 0.5, height - 0.5, -0.5)
        axes.imshow(panel.under.mean(axis=-1), cmap="gray", vmin=0, vmax=1, extent=extent)
        shown = colours.to_rgba(shown)
        # The less there is to say about a place, the more of the image is seen.
        shown[..., 3] = _OPAQUE * np.minimum(np.abs(panel.values) / high, 1)
    sharp = "nearest" if max(panel.values.shape[:2]) < _SMALL else "antialiased"
    axes.imshow(shown, cmap=colours.cmap, vmin=low, vmax=high, interpolation=sharp, extent=extent)
    if panel.scale:
        bar = axes.figure.colorbar(colours, cax=axes.inset_axes((0.05, -0.06, 0.9, 0.03)), orientation="horizontal")
        bar.ax.tick_params(labelsize=7)
        bar.locator = MaxNLocator(4)
        bar.set_label(panel.scale, fontsize=8, color=GREY)
        bar.outline.set_visible(False)


def _lines(axes: Axes, panel: Lines) -> None:
    _caption(axes, panel.title, panel.caption)
    for (label, values), colour in zip(panel.lines.items(), (BLUE, ORANGE, GREY), strict=False):
        axes.plot(panel.x, values, color=colour, label=label)
    axes.set_ylim(min(0.0, *(float(values.min()) for values in panel.lines.values())), 1.02)
    axes.set_xticks([0, 1], ["as it is", "the most"])
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8, loc="lower left")


def _limits(panel: Panel) -> tuple[float, float]:
    if panel.colours == "image":
        return 0.0, 1.0
    values = panel.values[np.isfinite(panel.values)]
    if panel.colours == "heat":
        return 0.0, float(np.percentile(values, _BRIGHTEST)) or 1.0
    largest = float(np.abs(values).max()) or 1.0
    return -largest, largest


def _bars(axes: Axes, probabilities: Mapping[str, float], chosen: str) -> None:
    """A bar a class, its name above it, so that a long one has room."""
    _caption(axes, "answer", "probability of the class")
    names = list(probabilities)
    colours = [BLUE if name == chosen else GREY for name in names]
    axes.barh(range(len(names)), list(probabilities.values()), height=0.32, color=colours)
    for place, (name, share) in enumerate(probabilities.items()):
        axes.text(0, place - 0.24, _short(name), fontsize=8, va="bottom", parse_math=False)
        axes.text(1, place - 0.24, f"{share:.1%}", fontsize=8, va="bottom", ha="right")
    axes.set_xlim(0, 1)
    axes.set_ylim(4.6, -0.8)
    axes.set_axis_off()


def _caption(axes: Axes, title: str, caption: str) -> None:
    axes.set_title(_short(title), fontsize=11, pad=17, parse_math=False)
    axes.text(
        0.5, 1.02, caption, fontsize=8, color=GREY, ha="center", va="bottom", transform=axes.transAxes, parse_math=False
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
