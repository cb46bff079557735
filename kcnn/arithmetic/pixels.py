"""What a pixel's number means: integers of a bit depth, floats from 0 to 1, and the two usual normalisations.

An integer v of depth b stands for v / (2^b - 1). Results that are floats are float64.
"""

import numpy as np
from numpy.typing import ArrayLike

from kcnn.errors import InputError

DEEPEST = 32
"""Bits; more than any picture has, and the most whose products fit into 64-bit integers."""

Axes = int | tuple[int, ...] | None


def quantise(image: ArrayLike, bits: int) -> np.ndarray:
    """Floats from 0 to 1 as integers from 0 to 2^bits - 1, of the smallest unsigned type that holds them.

    Rounds to the nearest integer, halves to the even one.
    Raises InputError for bits outside 1 to 32, and for NaN or values outside 0 to 1.
    """
    values, largest = _real(image), _largest(bits)
    if values.min() < 0 or values.max() > 1:
        raise InputError(f"image must lie in 0..1, got {values.min()} to {values.max()}")
    return np.rint(values * largest).astype(_unsigned(bits))


def scaled(image: ArrayLike, bits: int | None = None) -> np.ndarray:
    """Integers as floats from 0 to 1: v / (2^bits - 1).

    `bits` is by default what the type holds: 8 for uint8, 15 for int16 (its sign apart), 1 for booleans. Integers that
    lie in a larger type than they need, as 12-bit pictures do, need it said.
    Raises InputError for floats, for bits outside 1 to 64, and for values outside 0 to 2^bits - 1.
    """
    image = np.asarray(image)
    if bits is None and image.dtype.kind in "iub":
        bits = 1 if image.dtype.kind == "b" else int(np.iinfo(image.dtype).max).bit_length()
    return _integers(image, bits or 0, 64) / float(_largest(bits or 0, 64))


def change_depth(image: ArrayLike, from_bits: int, to_bits: int) -> np.ndarray:
    """Integers of one bit depth as the nearest of another, of the smallest unsigned type; 0 and the largest stay so.

    There are no ties: v (2^to - 1) / (2^from - 1) is never halfway, for the divisor is odd.
    Raises InputError for bits outside 1 to 32, and for values outside 0 to 2^from_bits - 1.
    """
    largest, new = _largest(from_bits), _largest(to_bits)
    values = _integers(np.asarray(image), from_bits).astype(np.uint64)
    quotient, rest = np.divmod(values * np.uint64(new), np.uint64(largest))
    return (quotient + (2 * rest > largest)).astype(_unsigned(to_bits))


def min_max(image: ArrayLike, axes: Axes = None) -> np.ndarray:
    """(x - min) / (max - min): the smallest value becomes 0, the largest 1; a constant image becomes 0.

    `axes` are those over which the extremes are taken (None: all): (1, 2) for each image and channel of a batch.
    Raises InputError for an image that is empty, or holds NaN or infinity, and for axes that it has not.
    """
    values = _real(image)
    _check_axes(values, axes)
    # From -1 to 1 no difference overflows; a power of two rounds nothing.
    _, exponents = np.frexp(np.abs(values).max(axes, keepdims=True))
    values = np.ldexp(values, -exponents)
    lowest, highest = values.min(axes, keepdims=True), values.max(axes, keepdims=True)
    return (values - lowest) / np.where(highest > lowest, highest - lowest, 1)


def standardise(image: ArrayLike, axes: Axes = None) -> np.ndarray:
    """(x - mean) / standard deviation: mean 0 and variance 1; a constant image becomes 0.

    The deviation is that of the values themselves (divisor n). `axes` are those over which it is taken, as in min_max.
    Raises InputError as min_max does.
    """
    # From 0 to 1 no square is too small for a float, and equal values are exactly 0.
    values = min_max(image, axes)
    centred = values - values.mean(axes, keepdims=True)
    return centred / np.where(values.any(axes, keepdims=True), centred.std(axes, keepdims=True), 1)


def _real(image: ArrayLike) -> np.ndarray:
    """A float64 array. Raises InputError where it is empty, or a value is not finite."""
    array = np.asarray(image)
    if array.dtype.kind not in "fiub" or not array.size:
        raise InputError(f"image must hold real numbers, got {array.dtype} of shape {array.shape}")
    array = array.astype(float)
    if not np.isfinite(array).all():
        raise InputError(f"image must be finite, got {np.count_nonzero(~np.isfinite(array))} NaN or infinite values")
    return array


def _integers(image: np.ndarray, bits: int, deepest: int = DEEPEST) -> np.ndarray:
    """The image. Raises InputError where it does not hold integers of this depth."""
    if image.dtype.kind not in "iub" or not image.size:
        raise InputError(f"image must hold integers, got {image.dtype} of shape {image.shape}")
    lowest, highest = int(image.min()), int(image.max())
    if lowest < 0 or highest > _largest(bits, deepest):
        raise InputError(f"image must lie in 0..{_largest(bits, deepest)} for {bits} bits, got {lowest} to {highest}")
    return image


def _largest(bits: int, deepest: int = DEEPEST) -> int:
    if not 1 <= bits <= deepest:
        raise InputError(f"bits must be 1 to {deepest}, got {bits}")
    return 2**bits - 1


def _unsigned(bits: int) -> np.dtype:
    return np.min_scalar_type(_largest(bits))


def _check_axes(image: np.ndarray, axes: Axes) -> None:
    """Raise InputError for axes that the image has not."""
    for axis in () if axes is None else np.atleast_1d(axes):
        if not -image.ndim <= axis < image.ndim:
            raise InputError(f"axes must be below the image's {image.ndim}, got {axes}")
