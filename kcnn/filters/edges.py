"""Edges: derivatives of the brightness, and Canny's thin lines made of them.

Sobel's and Prewitt's kernels are not divided by their weights: a step from 0 to 1 gives 4 and 3, as in OpenCV.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from kcnn.arithmetic.pixels import quantise
from kcnn.errors import InputError
from kcnn.filters import kernels
from kcnn.filters.convolution import filtered
from kcnn.filters.images import as_grey, faster_by

LEVELS = 255

FAINT = 0.1
"""A magnitude, of a step by a fortieth of the range, that noise and compression reach where there are no edges."""


@dataclass(frozen=True)
class Gradient:
    """The derivatives of an image to the right and downward, (H, W) each."""

    dx: np.ndarray
    dy: np.ndarray

    @property
    def magnitude(self) -> np.ndarray:
        """How steep the image is."""
        return np.sqrt(self.dx**2 + self.dy**2)

    @property
    def direction(self) -> np.ndarray:
        """Which way it gets brighter: radians from the right, downward positive, in -pi..pi."""
        return np.arctan2(self.dy, self.dx)


def sobel(image: ArrayLike, border: str = "reflect") -> Gradient:
    """The gradient by Sobel's kernels. Raises InputError for an image that is not grey."""
    image = as_grey(image)
    return Gradient(*(filtered(image, kernel, border) for kernel in kernels.sobel()))


def prewitt(image: ArrayLike, border: str = "reflect") -> Gradient:
    """The gradient by Prewitt's kernels. Raises InputError for an image that is not grey."""
    image = as_grey(image)
    return Gradient(*(filtered(image, kernel, border) for kernel in kernels.prewitt()))


def laplacian(image: ArrayLike, neighbours: int = 4, border: str = "reflect") -> np.ndarray:
    """The second derivative: 0 on slopes, of either sign beside edges. Raises InputError as `sobel` does."""
    return filtered(as_grey(image), kernels.laplacian(neighbours), border)


def canny(image: ArrayLike, low: float, high: float, sigma: float = 1.4) -> np.ndarray:
    """Canny's edges, a mask (H, W): smoothed, differentiated, thinned to ridges, followed from strong to weak.

    `low` and `high` are of the magnitude of Sobel's gradient; `sigma` is that of the smoothing, 0 for none. The smooth
    image is rounded to 256 levels, as one gives it to OpenCV, whose answer (with L2gradient) this is to the pixel.
    Raises InputError for an image that is not grey or not in 0..1, and where not 0 <= low <= high, or sigma < 0.
    Source: Canny 1986.
    """
    if not 0 <= low <= high:
        raise InputError(f"low and high must be 0 <= low <= high, got {low} and {high}")
    return _edges_of_levels(quantise(smoothed(image, sigma), 8), low, high)


def smoothed(image: ArrayLike, sigma: float) -> np.ndarray:
    """The image blurred by a Gaussian, or as it is for sigma 0. Raises InputError where it is not grey in 0..1."""
    image = as_grey(image)
    if sigma < 0:
        raise InputError(f"sigma must not be negative, got {sigma}")
    if image.min() < 0 or image.max() > 1:
        raise InputError(f"image must lie in 0..1, got {image.min()} to {image.max()}")
    return filtered(image, kernels.gaussian(sigma, axes=1)).clip(0, 1) if sigma else image


def thinned(gradient: Gradient) -> np.ndarray:
    """The magnitude where it is largest across the edge, else 0; outside the image there is 0.

    Across is the nearest of four directions. Of two equal neighbours across a horizontal or vertical edge the first
    stays; across a slanted one neither does, as OpenCV has it.
    """
    m = gradient.magnitude
    around = np.pad(m, 1)
    height, width = m.shape

    def neighbour(down: int, right: int) -> np.ndarray:
        return around[1 + down : 1 + down + height, 1 + right : 1 + right + width]

    flat = np.tan(np.pi / 8)
    x, y = np.abs(gradient.dx), np.abs(gradient.dy)
    falling = gradient.dx * gradient.dy >= 0
    largest = np.select(
        [y < flat * x, x < flat * y, falling],
        [
            (m > neighbour(0, -1)) & (m >= neighbour(0, 1)),
            (m > neighbour(-1, 0)) & (m >= neighbour(1, 0)),
            (m > neighbour(-1, -1)) & (m > neighbour(1, 1)),
        ],
        (m > neighbour(-1, 1)) & (m > neighbour(1, -1)),
    )
    return np.where(largest, m, 0)


def hysteresis(strength: np.ndarray, low: float, high: float) -> np.ndarray:
    """The pixels above `low` that one above `high` can be reached from through such, corners included."""
    pieces, count = ndimage.label(strength > low, np.ones((3, 3)))
    kept = np.zeros(count + 1, bool)
    kept[pieces[strength > high]] = True
    kept[0] = False
    return kept[pieces]


def thresholds(gradient: Gradient, share: float = 0.1) -> tuple[float, float]:
    """Canny's low and high for any picture: `share` of its pixels are above high, or fewer; low is 0.4 of it."""
    high = max(FAINT, float(np.quantile(gradient.magnitude, 1 - share)))
    return 0.4 * high, high


def _canny_by_opencv(levels: np.ndarray, low: float, high: float) -> np.ndarray:
    return cv2.Canny(levels, LEVELS * low, LEVELS * high, L2gradient=True) > 0


@faster_by(_canny_by_opencv)
def _edges_of_levels(levels: np.ndarray, low: float, high: float) -> np.ndarray:
    # Whole numbers: equal magnitudes are equal, and no rounding decides.
    return hysteresis(thinned(sobel(levels, border="edge")), LEVELS * low, LEVELS * high)
