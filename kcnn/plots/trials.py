"""What was measured in each trial, a fold or a seed, recipe beside recipe."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from kcnn.plots.curves import SHARES
from kcnn.plots.figure import BLUE, GREY, ORANGE, figure

_COLUMNS = 2

_FAR = 30
"""Values of which the largest is so many times the smallest are drawn by powers of ten."""


def trials(values: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """`values[measure][recipe]` has a number a trial; a line joins those of one trial, a bar is the mean."""
    rows = -(-len(values) // _COLUMNS)
    made, axes = figure(11, 3.4 * rows, rows, min(len(values), _COLUMNS))
    for each, (measure, of_recipes) in zip(axes, values.items(), strict=False):
        names = list(of_recipes)
        share = measure in SHARES
        most = max(map(len, of_recipes.values()))
        points = np.array([[*of_recipes[name], *[np.nan] * (most - len(of_recipes[name]))] for name in names])
        for trial in points.T:
            each.plot(range(len(names)), trial, "o-", color=BLUE, alpha=0.45, linewidth=0.8, markersize=4)
        for place, mean in enumerate(np.nanmean(points, 1)):
            each.plot([place - 0.2, place + 0.2], [mean, mean], color=ORANGE, linewidth=2.5)
            text = f"{100 * mean:.1f}" if share else f"{mean:.3g}"
            each.annotate(text, (place + 0.22, mean), color=GREY, fontsize=8, va="center", annotation_clip=False)
        each.set_xticks(range(len(names)), [name.replace("_", "\n") for name in names], fontsize=8, parse_math=False)
        each.set_title(measure.replace("_", " "))
        if share:
            each.yaxis.set_major_formatter(PercentFormatter(1.0))
        elif np.nanmin(points) > 0 and np.nanmax(points) > _FAR * np.nanmin(points):
            each.set_yscale("log")
        each.margins(x=0.15)
        each.grid(alpha=0.25)
    for each in axes[len(values) :]:
        each.set_axis_off()
    return made
