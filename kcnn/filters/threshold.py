"""Dark and bright told apart by one threshold.

Source: N. Otsu, A Threshold Selection Method from Gray-Level Histograms, IEEE Transactions on Systems, Man, and
Cybernetics 9(1), 1979.
"""

import numpy as np
from numpy.typing import ArrayLike

from kcnn.errors import InputError


def otsu(image: ArrayLike) -> int:
    """Otsu's threshold of a grey image, uint8 of any shape; pixels above it are bright.

    Raises InputError for other types, and for an image without pixels.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8:
        raise InputError(f"image must be uint8, got {image.dtype}")
    return otsu_of_histogram(np.bincount(image.ravel(), minlength=256))


def otsu_of_histogram(counts: ArrayLike) -> int:
    """The level k that makes the variance between levels 0..k and k + 1..L - 1 largest, of counts (L,) of each level.

    Of several such levels the first; with one level only, that level.
    Raises InputError for counts that are negative or all zero.
    """
    counts = np.asarray(counts, np.float64)
    if counts.ndim != 1 or not counts.sum() > 0 or counts.min() < 0:
        raise InputError("counts must be a row of numbers that are not negative and not all zero")
    shares = counts / counts.sum()
    below = shares.cumsum()  # omega(k) in the paper
    mean_below = (shares * np.arange(len(shares))).cumsum()  # mu(k)
    both = (below > 0) & (counts[::-1].cumsum()[::-1] - counts > 0)
    if not both.any():
        return int(counts.argmax())
    spread = below[both] * (1 - below[both])
    between = (mean_below[-1] * below[both] - mean_below[both]) ** 2 / spread
    return int(np.flatnonzero(both)[between.argmax()])
