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
        # Without a place for the title matplotlib looks at all ticks to find one, which takes as long as all the rest.
        each.set_title(caption, fontsize=8, y=1.0, parse_math=False)
    return made


def mosaic(tiles: np.ndarray) -> np.ndarray:
    """Tiles (k, h, w) or (k, h, w, 3) in a square, left to right and down; what lies between them is not drawn."""
    side = int(np.ceil(np.sqrt(len(tiles))))
    count, height, width, *colours = tiles.shape
    gap = max(1, round(height / 12))
    rows = -(-count // side)
    sheet = np.full((rows * (height + gap) - gap, side * (width + gap) - gap, *colours), np.nan)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, side)
        top, left = row * (height + gap), column * (width + gap)
        sheet[top : top + height, left : left + width] = tile
    return np.where(np.isnan(sheet), 1.0, sheet) if colours else sheet
