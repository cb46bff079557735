"""Forecasts of series with their intervals, and what came."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from kcnn.plots.figure import GREY, ORANGE, figure

_COLUMNS = 2
_MOST = 12
"""So many series are drawn."""

_SHADES = (0.35, 0.15)
"""Of the bands, the narrowest first."""


@dataclass(frozen=True)
class Ahead:
    """What was said of the steps at `times`: levels (steps,), and bands around them, (lower, upper), narrow to wide."""

    times: np.ndarray
    levels: np.ndarray
    bands: Sequence[tuple[np.ndarray, ...]] = ()


@dataclass(frozen=True)
class Panel:
    """A series: what is known of it, levels at `times` (steps or dates), and what was said."""

    name: str
    times: np.ndarray
    levels: np.ndarray
    ahead: Sequence[Ahead]


def panels(series: Sequence[Panel], names: Sequence[str] = ("80 %", "95 %")) -> Figure:
    """A panel a series, the first ones of many; `names` are those of the bands."""
    drawn = series[:_MOST]
    rows = -(-len(drawn) // _COLUMNS)
    made, axes = figure(11, 2.3 * rows + 0.5, rows, min(len(drawn), _COLUMNS))
    for each, panel in zip(axes, drawn, strict=False):
        _panel(each, panel, names)
    for each in axes[len(drawn) :]:
        each.set_axis_off()
    handles, labels = axes[0].get_legend_handles_labels()
    made.legend(handles, labels, loc="outside upper right", ncols=len(labels), frameon=False, fontsize=8)
    if len(series) > len(drawn):
        made.suptitle(f"the first {len(drawn)} of {len(series)} series", fontsize=9, x=0.01, ha="left")
    return made


def _panel(axes: Axes, panel: Panel, names: Sequence[str]) -> None:
    axes.plot(panel.times, panel.levels, color=GREY, linewidth=1.1, label="truth")
    for number, ahead in enumerate(panel.ahead):
        marker = "o" if len(ahead.times) == 1 else None
        labelled = number == 0
        axes.plot(
            ahead.times,
            ahead.levels,
            color=ORANGE,
            linewidth=1.1,
            marker=marker,
            markersize=3,
            label="forecast" if labelled else None,
        )
        for (lower, upper), name, shade in zip(ahead.bands, names, _SHADES, strict=False):
            label = name if labelled else None
            axes.fill_between(ahead.times, lower, upper, color=ORANGE, alpha=shade, linewidth=0, label=label)
    axes.set_title(panel.name, fontsize=9, loc="left", parse_math=False)
    axes.tick_params(labelsize=7)
    axes.margins(x=0.01)
    if panel.times.dtype == object:
        locator = AutoDateLocator(maxticks=6)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
