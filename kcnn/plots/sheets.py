"""Sheets of images that belong together row by row: samples, reconstructions, interpolations."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from kcnn.plots.figure import figure

_WIDTH = 11.0
"""Inches."""

_LETTER = 0.085
"""Inches that a letter of a row's name takes."""

_GAP = 1 / 12
"""What lies between two images, of their side."""


def sheet(rows: Sequence[tuple[str, np.ndarray]], title: str = "") -> Figure:
    """Each row under its name: images (N, height, width, 1 or 3), uint8, all of one size, left to right."""
    count = max(len(images) for _, images in rows)
    drawn = np.concatenate([_strip(images, count) for _, images in rows])
    margin = 0.2 + _LETTER * max(len(name) for name, _ in rows)
    height = (_WIDTH - margin) * drawn.shape[0] / drawn.shape[1]
    made, (axes,) = figure(_WIDTH, height + (0.5 if title else 0.2))
    axes.imshow(drawn, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.spines[:].set_visible(False)
    middles = (np.arange(len(rows)) + 0.5) * drawn.shape[0] / len(rows)
    axes.set_yticks(middles, [name for name, _ in rows], fontsize=9, parse_math=False)
    axes.set_xticks([])
    axes.tick_params(length=0)
    if title:
        axes.set_title(title, fontsize=11, parse_math=False)
    return made


def _strip(images: np.ndarray, count: int) -> np.ndarray:
    """Images in a row on white, in colours (height, width, 3), a gap behind and below each."""
    height, width = images.shape[1:3]
    gap = max(1, round(_GAP * height))
    strip = np.full((height + gap, count * (width + gap), 3), 255, np.uint8)
    for index, image in enumerate(images):
        left = index * (width + gap)
        strip[:height, left : left + width] = image
    return strip
