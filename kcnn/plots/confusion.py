"""Which class is taken for which."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from kcnn.plots.figure import figure

_READABLE = 25


def confusion(counts: np.ndarray, classes: Sequence[str]) -> Figure:
    """`counts[i, j]`: how many examples of class i were answered j. Shaded by the share of the true class."""
    side = min(3 + 0.45 * len(classes), 14)
    made, (axes,) = figure(side + 1, side)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    made.colorbar(image, ax=axes, shrink=0.8, label="share of the true class")
    axes.set_xlabel("answer")
    axes.set_ylabel("truth")
    right, total = int(np.trace(counts)), int(counts.sum())
    axes.set_title(f"{right:,} of {total:,} right")
    if len(classes) <= _READABLE:
        turned = 90 if max(map(len, classes)) > 2 else 0
        axes.set_xticks(range(len(classes)), classes, rotation=turned, parse_math=False)
        axes.set_yticks(range(len(classes)), classes, parse_math=False)
        for (row, column), number in np.ndenumerate(counts):
            if number:
                colour = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, f"{number}", ha="center", va="center", color=colour, fontsize=8)
    return made
