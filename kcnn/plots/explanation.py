"""What a network looks at, in one picture: panels with captions, and the probabilities of the classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcnn.plots.figure import BLUE, GREY, figure
from kcnn.plots.panels import Panel

_LONGEST = 34
"""Characters of a name that have room."""


@dataclass(frozen=True)
class Answer(Panel):
    """A bar a class, its name above it, so that a long one has room; the class `chosen` has a colour of its own."""

    probabilities: Mapping[str, float]
    chosen: str
    title: str = "answer"
    caption: str = "probability of the class"

    def draw(self, axes: Axes) -> None:
        """The bars in the order of the probabilities."""
        colours = [BLUE if name == self.chosen else GREY for name in self.probabilities]
        axes.barh(range(len(colours)), list(self.probabilities.values()), height=0.32, color=colours)
        for place, (name, share) in enumerate(self.probabilities.items()):
            axes.text(0, place - 0.24, short(name), fontsize=8, va="bottom", parse_math=False)
            axes.text(1, place - 0.24, f"{share:.1%}", fontsize=8, va="bottom", ha="right")
        axes.set_xlim(0, 1)
        axes.set_ylim(4.6, -0.8)
        axes.set_axis_off()


def explanation(title: str, panels: Sequence[Panel], answer: Answer) -> Figure:
    """The panels row by row; the answer stands where the second row ends, or last."""
    columns = 4 if len(panels) > 5 else 3
    rows = -(-(len(panels) + 1) // columns)
    made, axes = figure(2.9 * columns, 3.1 * rows + 0.4, rows, columns)
    made.set_layout_engine("constrained", h_pad=0.12, w_pad=0.08)
    made.suptitle(title, fontsize=13, parse_math=False)
    before = min(len(panels), 2 * columns - 1)
    for each, panel in zip(axes, [*panels[:before], answer, *panels[before:]], strict=False):
        each.set_anchor("N")
        panel.place(each)
    for each in axes[len(panels) + 1 :]:
        each.set_axis_off()
    return made


def about_grey(values: np.ndarray) -> np.ndarray:
    """Signed colours as an image in 0..1: 0 is a middle grey, the largest absolute value black or full."""
    return 0.5 + 0.5 * values / (np.abs(values).max() or 1.0)


def short(name: str) -> str:
    """The name, cut where it has no room."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
