"""What was measured on each fold, recipe beside recipe."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from kcnn.plots.figure import BLUE, GREY, ORANGE, figure

_COLUMNS = 2


def folds(values: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """`values[measure][recipe]` has a number in 0..1 a fold; a line joins those of one fold, a bar is the mean."""
    rows = -(-len(values) // _COLUMNS)
    made, axes = figure(11, 3.4 * rows, rows, _COLUMNS)
    for each, (measure, of_recipes) in zip(axes, values.items(), strict=False):
        names = list(of_recipes)
        points = np.array([of_recipes[name] for name in names])
        for fold in points.T:
            each.plot(range(len(names)), fold, "o-", color=BLUE, alpha=0.45, linewidth=0.8, markersize=4)
        for place, mean in enumerate(points.mean(1)):
            each.plot([place - 0.2, place + 0.2], [mean, mean], color=ORANGE, linewidth=2.5)
            each.annotate(
                f"{100 * mean:.1f}", (place + 0.22, mean), color=GREY, fontsize=8, va="center", annotation_clip=False
            )
        each.set_xticks(range(len(names)), [name.replace("_", "\n") for name in names], fontsize=8, parse_math=False)
        each.set_title(measure.replace("_", " "))
        each.yaxis.set_major_formatter(PercentFormatter(1.0))
        each.margins(x=0.15)
        each.grid(alpha=0.25)
    for each in axes[len(values) :]:
        each.set_axis_off()
    return made
