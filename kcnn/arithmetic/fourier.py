"""Convolution by the convolution theorem: the transform of a convolution is the product of the transforms.

The discrete transform takes an array for one period of an endless one, so the product gives the circular convolution;
with enough zeros behind both arrays the linear one. The arrays are plain, of any number of axes; results are floats, or
complex where an operand is.
"""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

from kcnn.arithmetic.sizes import Counts, each
from kcnn.errors import InputError

Transform = Callable[[np.ndarray, Sequence[int]], np.ndarray]


def circular_convolution(x: ArrayLike, kernel: ArrayLike) -> np.ndarray:
    """y[i] = sum over t of x[(i - t) mod n] k[t], of x's shape.

    Raises InputError where the numbers of axes differ, or the kernel is larger than x.
    """
    x, kernel = _arrays(x, kernel)
    if any(taps > size for taps, size in zip(kernel.shape, x.shape, strict=True)):
        raise InputError(f"the kernel must not be larger than x, got {kernel.shape} for {x.shape}")
    return _product(x, kernel, x.shape)


def linear_convolution(x: ArrayLike, kernel: ArrayLike) -> np.ndarray:
    """convolve(x, kernel, "full"): along each axis size + taps - 1 places.

    Raises InputError where the numbers of axes differ.
    """
    x, kernel = _arrays(x, kernel)
    full = _full(x.shape, kernel.shape)
    return _product(x, kernel, _fast(full))[tuple(map(slice, full))]


def overlap_add(x: ArrayLike, kernel: ArrayLike, block: Counts) -> np.ndarray:
    """linear_convolution, block by block of x: convolution is linear, so the blocks' results add up where they overlap.

    The kernel is transformed once, and no transform is longer than a block and the kernel together: for an x much
    larger than the kernel. `block` is the places of a block, for every axis or for each.
    Raises InputError where the numbers of axes differ, or a block has no place.
    """
    x, kernel = _arrays(x, kernel)
    blocks = each("block", block, x.ndim)
    forward, inverse = _transforms(x, kernel)
    room = _full(blocks, kernel.shape)
    shape = _fast(room)
    transformed = forward(kernel, shape)
    y = np.zeros(_full(x.shape, kernel.shape), inverse(transformed[:1], shape).dtype)
    for corner in product(*(range(0, size, step) for size, step in zip(x.shape, blocks, strict=True))):
        part = x[tuple(slice(first, first + step) for first, step in zip(corner, blocks, strict=True))]
        target = y[tuple(slice(first, first + length) for first, length in zip(corner, room, strict=True))]
        target += inverse(forward(part, shape) * transformed, shape)[tuple(map(slice, target.shape))]
    return y


def _product(x: np.ndarray, kernel: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """The circular convolution of both, with zeros behind them up to `shape`."""
    forward, inverse = _transforms(x, kernel)
    return inverse(forward(x, shape) * forward(kernel, shape), shape)


def _transforms(x: np.ndarray, kernel: np.ndarray) -> tuple[Transform, Transform]:
    """The transform and its inverse; of real arrays half of it is enough, the other half being its conjugate."""
    if np.iscomplexobj(x) or np.iscomplexobj(kernel):
        return fft.fftn, fft.ifftn
    return fft.rfftn, fft.irfftn


def _full(sizes: Sequence[int], taps: Sequence[int]) -> tuple[int, ...]:
    return tuple(size + tap - 1 for size, tap in zip(sizes, taps, strict=True))


def _fast(sizes: Sequence[int]) -> tuple[int, ...]:
    """Sizes not much larger, whose transforms are fast: products of small primes."""
    return tuple(fft.next_fast_len(size) for size in sizes)


def _arrays(x: ArrayLike, kernel: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    x, kernel = np.asarray(x), np.asarray(kernel)
    if x.ndim != kernel.ndim or x.ndim < 1 or not (x.size and kernel.size):
        raise InputError(f"x and kernel must have equally many axes and not be empty, got {x.shape} and {kernel.shape}")
    return x, kernel
