"""Series: as lines, as labels, as piano rolls, and numbers that were answered about them."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure

from kcnn.data.taken import spread
from kcnn.plots.figure import BLUE, GREY, ORANGE, figure

_COLOURS = (BLUE, ORANGE, GREY, "#1b9e77", "#7570b3", "#e7298a")
"""Of the first channels; further ones begin again."""

_AROUND = 10
"""Steps around a stretch."""

_NAMED = 20
"""Up to so many classes, or channels, are named."""


def traces(series: np.ndarray, captions: Sequence[str]) -> Figure:
    """Series (N, steps, channels), a row each under its caption; NaN is not drawn."""
    made, axes = figure(9, 1.1 * len(series) + 0.4, len(series))
    for each, values, caption in zip(axes, series, captions, strict=False):
        for channel in range(values.shape[1]):
            each.plot(values[:, channel], color=_COLOURS[channel % len(_COLOURS)], linewidth=0.8)
        each.set_title(caption, fontsize=8, loc="left", parse_math=False)
        each.tick_params(labelsize=7)
        each.margins(x=0)
    for each in axes[:-1]:
        each.set_xticklabels([])
    axes[-1].set_xlabel("step", fontsize=8)
    return made


def scatter(truths: np.ndarray, answers: np.ndarray, names: Sequence[str]) -> Figure:
    """What was answered (N, outputs) against what is true: on the line where they agree."""
    made, axes = figure(4.2 * len(names), 4.2, 1, len(names))
    for output, (each, name) in enumerate(zip(axes, names, strict=True)):
        true, answered = truths[:, output], answers[:, output]
        ends = [float(min(true.min(), answered.min())), float(max(true.max(), answered.max()))]
        each.plot(ends, ends, color=GREY, linewidth=0.8)
        each.scatter(true, answered, s=4, alpha=0.4, color=BLUE, linewidths=0)
        each.set_xlabel(f"{name}, true", parse_math=False)
        each.set_ylabel(f"{name}, answered", parse_math=False)
        each.set_aspect("equal")
    return made


def steps(truths: np.ndarray, answers: np.ndarray, weights: np.ndarray, names: Sequence[str]) -> Figure:
    """Classes (N, steps) of some series, as they are and as they were answered; what is over (weight 0) is white.

    Only that stretch is shown in which there is anything but the most frequent class.
    """
    first, last = _stretch(truths, answers, weights > 0)
    made, axes = figure(9, 0.36 * len(truths) + 1.2, 1, 2)
    norm = BoundaryNorm(np.arange(-0.5, len(names)), 256)
    for each, labels, title in zip(axes, (truths, answers), ("true", "answered"), strict=True):
        shown = np.where(weights > 0, labels, np.nan)[:, first:last]
        picture = each.imshow(
            shown,
            aspect="auto",
            cmap=colormaps["turbo"],
            norm=norm,
            interpolation="nearest",
            extent=(first - 0.5, last - 0.5, len(truths), 0),
        )
        each.set_title(title, fontsize=10)
        each.set_yticks([])
        each.set_xlabel("step", fontsize=8)
    bar = made.colorbar(picture, ax=axes, ticks=range(len(names)))
    if len(names) <= _NAMED:
        bar.set_ticklabels(list(names), fontsize=7, parse_math=False)
    return made


def _stretch(truths: np.ndarray, answers: np.ndarray, counted: np.ndarray) -> tuple[int, int]:
    """The first and the step after the last of the stretch, with some steps around it."""
    values, counts = np.unique(truths[counted], return_counts=True)
    usual = values[counts.argmax()]
    steps = np.flatnonzero((((truths != usual) | (answers != usual)) & counted).any(0))
    if not len(steps):
        return 0, truths.shape[1]
    return max(int(steps[0]) - _AROUND, 0), min(int(steps[-1]) + _AROUND + 1, truths.shape[1])


def rolls(rows: Sequence[tuple[str, np.ndarray]], names: Sequence[str]) -> Figure:
    """Under each title values in 0..1 (steps, channels), time to the right, the last channel on top."""
    made, axes = figure(10, 2.6 * len(rows) + 0.3, len(rows))
    for each, (title, values) in zip(axes, rows, strict=True):
        each.imshow(values.T, aspect="auto", origin="lower", cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
        each.set_title(title, fontsize=10, loc="left")
        some = spread(len(names), 9)
        each.set_yticks(some, [names[index] for index in some], fontsize=7, parse_math=False)
    axes[-1].set_xlabel("step", fontsize=8)
    return made
