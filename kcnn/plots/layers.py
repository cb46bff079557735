"""Accuracy by the layer of a network that it was reached at."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from kcnn.plots.figure import figure
from kcnn.plots.panels import COLOURS


def by_layer(title: str, layers: Sequence[str], lines: Mapping[str, Sequence[float]], ylabel: str) -> Figure:
    """A line for each name in `lines`, with a share in 0..1 for each layer, from the stem on."""
    made, (axes,) = figure(max(6.0, 0.55 * len(layers)), 3.8)
    for colour, (name, shares) in zip(COLOURS, lines.items(), strict=False):
        axes.plot(range(len(layers)), shares, "o-", label=name, color=colour)
    axes.set_xticks(range(len(layers)), layers, rotation=45, ha="right", fontsize=8)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_ylabel(ylabel)
    axes.set_title(title, parse_math=False)
    axes.grid(alpha=0.25)
    if len(lines) > 1:
        axes.legend(frameon=False)
    return made
