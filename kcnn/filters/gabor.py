"""Simple and complex cells: a bank of Gabor filters, and maxima over phase and neighbourhood.

Source: Hubel and Wiesel 1962; Riesenhuber and Poggio 1999, whose complex cells take the maximum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike

from kcnn.arithmetic.pooling import max_pool
from kcnn.errors import InputError
from kcnn.filters.convolution import filtered
from kcnn.filters.images import as_grey, faster_by
from kcnn.filters.kernels import gabor

BANDWIDTH = 0.56
"""Sigma over wavelength: an octave, about that of simple cells."""

SHORTEST = 3
"""Pixels; at two, an edge's wave is 0 at every pixel, and its kernel would be rounding."""

PHASES = (0.0, np.pi / 2, np.pi, 3 * np.pi / 2)
"""A bright bar, an edge, a dark bar, the other edge."""


@dataclass(frozen=True)
class SimpleCell:
    """A Gabor filter of length 1; the angle (radians) is that across its stripes, 0 for upright ones."""

    wavelength: float
    angle: float
    phase: float
    kernel: np.ndarray


def bank(
    wavelengths: Sequence[float], orientations: int = 4, phases: Sequence[float] = PHASES, aspect: float = 0.5
) -> list[SimpleCell]:
    """A simple cell for each wavelength (pixels), angle (multiples of pi / orientations) and phase, in this order.

    Raises InputError where there is none of them, or a wavelength is below 3 pixels.
    """
    if orientations < 1 or not len(wavelengths) or not len(phases):
        raise InputError("a bank needs a wavelength, an orientation and a phase at least")
    if min(wavelengths) < SHORTEST:
        raise InputError(f"wavelengths must be at least {SHORTEST} pixels, got {min(wavelengths)}")
    cells = []
    for wavelength in wavelengths:
        for angle in np.arange(orientations) * np.pi / orientations:
            for phase in phases:
                kernel = gabor(wavelength, angle, BANDWIDTH * wavelength, aspect, phase)
                cells.append(SimpleCell(wavelength, float(angle), phase, kernel / np.linalg.norm(kernel)))
    return cells


def simple_cells(image: ArrayLike, cells: Sequence[SimpleCell], border: str = "reflect") -> np.ndarray:
    """How strongly each cell fires at each pixel: its filter's positive answers, (len(cells), H, W).

    Raises InputError for an image that is not grey.
    """
    image = as_grey(image)
    return np.stack([np.maximum(filtered(image, cell.kernel, border), 0) for cell in cells])


def complex_cells(
    image: ArrayLike, wavelengths: Sequence[float], orientations: int = 4, window: int = 1, border: str = "reflect"
) -> np.ndarray:
    """The largest answer of the simple cells of all phases within a window, (wavelengths, orientations, H, W).

    The window of window x window pixels lies around the pixel. Such a cell knows the orientation of a bar or an edge,
    and hardly where in the window it lies or which side of it is bright.
    Raises InputError as `bank` and `simple_cells` do, and for a window that is not odd.
    """
    if window < 1 or window % 2 == 0:
        raise InputError(f"window must be odd, got {window}")
    image, cells = as_grey(image), bank(wavelengths, orientations)
    # The cells of one wavelength and orientation, which differ by their phase, follow one another.
    alike = (cells[first : first + len(PHASES)] for first in range(0, len(cells), len(PHASES)))
    fired = [_largest(simple_cells(image, group, border).max(axis=0), window) for group in alike]
    return np.reshape(fired, (len(wavelengths), orientations, *image.shape))


def _largest_by_opencv(image: np.ndarray, window: int) -> np.ndarray:
    return cv2.dilate(image, np.ones((window, window), np.uint8))


@faster_by(_largest_by_opencv)
def _largest(image: np.ndarray, window: int) -> np.ndarray:
    """The largest value of the window around each pixel; outside the image there is nothing."""
    return max_pool(image[None, ..., None], window, 1, "same")[0, ..., 0]
