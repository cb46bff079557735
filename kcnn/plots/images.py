"""Images on one sheet."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from kcnn.plots.figure import figure

_COLUMNS = 8


def contact_sheet(images: np.ndarray, captions: Sequence[str]) -> Figure:
    """`images` (N, height, width, 1 or 3), uint8, each under its caption, eight in a row."""
    rows = math.ceil(len(images) / _COLUMNS)
    made, axes = figure(_COLUMNS * 1.3, rows * 1.55, rows, _COLUMNS)
    for each in axes:
        each.set_axis_off()
    for each, image, caption in zip(axes, images, captions, strict=False):
        each.imshow(image.squeeze(-1) if image.shape[-1] == 1 else image, cmap="gray", vmin=0, vmax=255)
        each.set_title(caption, fontsize=8, parse_math=False)
    return made
