"""What every filter asks of an image, and who does the work on large ones."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kcnn.errors import InputError

LARGE = 64 * 64
"""Pixels from which OpenCV does the work."""


def faster_by(fast: Callable[..., np.ndarray]) -> Callable[[Callable[..., np.ndarray]], Callable[..., np.ndarray]]:
    """The decorated function is the reference, and does small images; large ones go to `fast`, which gives the same.

    Both take the image first. The reference is the result's `__wrapped__`.
    """

    def decorate(plain: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
        @wraps(plain)
        def chosen(image: np.ndarray, *args: Any, **kwargs: Any) -> np.ndarray:
            height, width = image.shape[:2]
            return (fast if height * width >= LARGE else plain)(image, *args, **kwargs)

        return chosen

    return decorate


def as_image(image: ArrayLike, name: str = "image") -> np.ndarray:
    """An image (H, W) or (H, W, 3) as floats: float32 stays, all else becomes float64.

    Raises InputError for another shape, no pixels, NaN or infinity.
    """
    array = np.asarray(image)
    if array.dtype.kind not in "fiub" or not array.size or not (array.ndim == 2 or array.shape[2:] == (3,)):
        raise InputError(f"{name} must be real numbers (H, W) or (H, W, 3), got {array.dtype} of shape {array.shape}")
    if array.dtype != np.float32:
        array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise InputError(f"{name} must be finite, got {np.count_nonzero(~np.isfinite(array))} NaN or infinite values")
    return array


def as_grey(image: ArrayLike, name: str = "image") -> np.ndarray:
    """An image (H, W) as `as_image` has it. Raises InputError for colour, too."""
    array = as_image(image, name)
    if array.ndim != 2:
        raise InputError(f"{name} must be grey (H, W), got the shape {array.shape}: see kcnn.filters.pictures.grey")
    return array


def rotation(angle: float) -> np.ndarray:
    """The matrix (2, 2) from (row, column) to where that lies after a turn anticlockwise by so many degrees."""
    cosine, sine = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    return np.array([[cosine, -sine], [sine, cosine]])
