"""Shifted, turned and scaled images: bilinear, of the same size, with a stated value where nothing is left."""

import numpy as np
from numpy.typing import ArrayLike

from kcnn.errors import InputError
from kcnn.filters.images import rotation


def translate(images: np.ndarray, amount: ArrayLike, fill: float = 0.0) -> np.ndarray:
    """Images (N, H, W, C) moved to the right by `amount` pixels, or down and to the right by a pair of them.

    Raises InputError for an amount that is not finite.
    """
    moved = _finite(amount)
    down_and_right = moved if moved.ndim else np.array([0.0, moved])
    return _resampled(images, np.eye(2), -down_and_right, fill)


def rotate(images: np.ndarray, amount: float, fill: float = 0.0) -> np.ndarray:
    """Images (N, H, W, C) turned anticlockwise about their centre by `amount` degrees.

    Raises InputError for an amount that is not finite.
    """
    return _resampled(images, rotation(float(_finite(amount))).T, np.zeros(2), fill)


def scale(images: np.ndarray, amount: float, fill: float = 0.0) -> np.ndarray:
    """Images (N, H, W, C) enlarged about their centre by the factor `amount`; below 1 they are made smaller.

    Nothing is smoothed before. Raises InputError for a factor that is not finite and above 0.
    """
    if not 0 < amount < np.inf:
        raise InputError(f"amount must be finite and above 0, got {amount}")
    return _resampled(images, np.eye(2) / amount, np.zeros(2), fill)


def _finite(amount: ArrayLike) -> np.ndarray:
    numbers = np.asarray(amount, float)
    if not np.isfinite(numbers).all():
        raise InputError(f"amount must be finite, got {numbers}")
    return numbers


def _resampled(images: np.ndarray, matrix: np.ndarray, offset: np.ndarray, fill: float) -> np.ndarray:
    """At each place p the image at matrix (p - centre) + centre + offset; beyond the image it is `fill`."""
    height, width = images.shape[1:3]
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    places = np.moveaxis(np.indices((height, width)), 0, -1) - centre
    sources = places @ matrix.T + centre + offset
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=fill)
    # In the frame; what lies farther out is on it, too.
    sources = np.clip(sources + 1, 0, [height + 1, width + 1])
    corner = np.minimum(sources.astype(int), [height, width])
    (down, right), (row, column) = np.moveaxis(sources - corner, -1, 0)[..., np.newaxis], np.moveaxis(corner, -1, 0)
    upper = (1 - right) * framed[:, row, column] + right * framed[:, row, column + 1]
    lower = (1 - right) * framed[:, row + 1, column] + right * framed[:, row + 1, column + 1]
    return ((1 - down) * upper + down * lower).astype(images.dtype)
