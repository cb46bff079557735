"""Maximum and average of sliding windows, with their gradients.

Batches are (N, *sizes, channels); each channel is pooled by itself. `size` and `stride` are a number, or one for each
axis; the stride is the window's size where none is given. Padding holds nothing: it never wins a maximum and is not
counted in an average, as in TensorFlow and Keras. A window that holds NaN has NaN for its maximum, and its average.
Maxima are of x's type. Averages and their gradients are float64 for integers, and float32 at least for floats, as sums
of halves need it; gradients of maxima are sums as in kcnn.arithmetic.correlation.
"""

from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

from kcnn.arithmetic.correlation import check_upstream, sum_type
from kcnn.arithmetic.sizes import Counts, Paddings, each
from kcnn.arithmetic.windows import Windows, windows_over
from kcnn.errors import InputError


def max_pool(x: ArrayLike, size: Counts, stride: Counts | None = None, padding: Paddings = "valid") -> np.ndarray:
    """The largest value of each window, (N, *places, channels).

    Raises InputError where a window does not fit, or would lie in padding alone.
    """
    x = np.asarray(x)
    windows = _windows(x, size, stride, padding)
    padded = windows.padded(x, 1, value=_lowest(x.dtype))
    return reduce(np.maximum, (padded[:, *under] for _, under in windows))


def max_pool_gradient(
    x: ArrayLike, upstream: ArrayLike, size: Counts, stride: Counts | None = None, padding: Paddings = "valid"
) -> np.ndarray:
    """The gradient of sum(upstream * max_pool(x, ...)) to x.

    Of equal largest values the first in C order gets it whole, as on TensorFlow's CPU. There the maximum has no
    derivative, and this is one of its subgradients. Where the maximum is NaN, the first NaN gets it.
    Raises InputError as `max_pool` does, and where upstream has not the shape of its output.
    """
    x, upstream = np.asarray(x), np.asarray(upstream)
    windows = _windows(x, size, stride, padding)
    largest = max_pool(x, size, stride, padding)
    check_upstream(upstream, largest.shape)
    is_input = windows.padded(np.ones(x.shape, bool), 1)
    padded = windows.padded(x, 1)
    gradient = np.zeros(padded.shape, sum_type(upstream, upstream))
    unclaimed = np.ones(largest.shape, bool)
    for _, under in windows:
        here = padded[:, *under]
        wins = unclaimed & is_input[:, *under] & ((here == largest) | (np.isnan(here) & np.isnan(largest)))
        gradient[:, *under] += np.where(wins, upstream, 0)
        unclaimed &= ~wins
    return windows.inside(gradient, 1)


def average_pool(x: ArrayLike, size: Counts, stride: Counts | None = None, padding: Paddings = "valid") -> np.ndarray:
    """The mean of the inputs in each window, (N, *places, channels).

    Raises InputError as `max_pool` does.
    """
    x = np.asarray(x)
    windows = _windows(x, size, stride, padding)
    padded = windows.padded(x.astype(_float_type(x)), 1)
    return sum(padded[:, *under] for _, under in windows) / _inputs(windows, padded.dtype)


def average_pool_gradient(
    x: ArrayLike, upstream: ArrayLike, size: Counts, stride: Counts | None = None, padding: Paddings = "valid"
) -> np.ndarray:
    """The gradient of sum(upstream * average_pool(x, ...)) to x: each input of a window gets an equal share.

    Raises InputError as `max_pool` does, and where upstream has not the shape of the output.
    """
    x, upstream = np.asarray(x), np.asarray(upstream)
    windows = _windows(x, size, stride, padding)
    check_upstream(upstream, (len(x), *windows.places, x.shape[-1]))
    shares = upstream / _inputs(windows, _float_type(upstream))
    gradient = np.zeros((len(x), *windows.padded_sizes, x.shape[-1]), shares.dtype)
    for _, under in windows:
        gradient[:, *under] += shares
    return windows.inside(gradient, 1)


def _windows(x: np.ndarray, size: Counts, stride: Counts | None, padding: Paddings) -> Windows:
    if x.ndim < 3:
        raise InputError(f"x is (N, *sizes, channels), got {x.shape}")
    taps = each("size", size, x.ndim - 2)
    windows = windows_over(x.shape[1:-1], taps, padding, taps if stride is None else stride)
    if any(max(zeros) >= tap for zeros, tap in zip(windows.zeros, taps, strict=True)):
        raise InputError(f"padding must be smaller than the window, got {padding} for {taps}")
    return windows


def _inputs(windows: Windows, dtype: np.dtype) -> np.ndarray:
    """How many inputs each window holds, (*places, 1)."""
    is_input = windows.padded(np.ones(windows.sizes, dtype))
    return np.expand_dims(sum(is_input[under] for _, under in windows), -1)


def _float_type(x: np.ndarray) -> np.dtype:
    """Float32 at least: sums of halves are soon too large for them."""
    return np.result_type(x, np.float32) if x.dtype.kind in "fc" else np.dtype(float)


def _lowest(dtype: np.dtype) -> float:
    """The value that every other of the type is at least as large as."""
    if dtype.kind in "iu":
        return np.iinfo(dtype).min
    return False if dtype.kind == "b" else -np.inf
