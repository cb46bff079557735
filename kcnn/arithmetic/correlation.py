"""Correlation, which networks call convolution, and convolution proper; their gradients.

    y[i] = sum over t of x[stride i + dilation t - before] k[t]

is the correlation: the kernel is not flipped (nor conjugated). Convolution flips it. A plain array has spatial axes
alone; a batch with channels is (N, *sizes, channels), its kernels are (*taps, channels // groups, filters).

`padding` is "valid", "same", "full", the places added on each side, those (before, after), or one of these for each
axis (for two axes two numbers are one for each); `mode` says what is there: "zeros", "edge", "reflect" (the edge is
not repeated), "symmetric" (it is) or "wrap".
Sums of integers are int64 at least, those of floats float32.

Source: Dumoulin and Visin 2016, *A guide to convolution arithmetic for deep learning*.
"""

import numpy as np
from numpy.typing import ArrayLike

from kcnn.arithmetic.sizes import Counts, Paddings, each_padding
from kcnn.arithmetic.windows import Windows, group_runs, windows_over
from kcnn.errors import InputError


def correlate(
    x: ArrayLike,
    kernel: ArrayLike,
    padding: Paddings = "valid",
    stride: Counts = 1,
    dilation: Counts = 1,
    mode: str = "zeros",
) -> np.ndarray:
    """Correlate plain arrays with equally many axes.

    >>> correlate(np.arange(9).reshape(3, 3), [[0, 1], [2, 3]])
    array([[19, 25],
           [37, 43]])

    Raises InputError where the numbers of axes differ, a size, padding or mode is refused, or the kernel does not fit.
    """
    x, kernel = np.asarray(x), np.asarray(kernel)
    windows = windows_over(x.shape, kernel.shape, padding, stride, dilation)
    padded = windows.padded(x, mode=mode)
    y = np.zeros(windows.places, sum_type(x, kernel))
    kernel = kernel.astype(y.dtype)
    for tap, under in windows:
        y += padded[under] * kernel[tap]
    return y


def convolve(
    x: ArrayLike,
    kernel: ArrayLike,
    padding: Paddings = "full",
    stride: Counts = 1,
    dilation: Counts = 1,
    mode: str = "zeros",
) -> np.ndarray:
    """Convolve plain arrays with equally many axes: correlate with the flipped kernel.

    "same" is mirrored too: an odd zero goes before, so that it equals scipy.signal.convolve for even kernels.
    A pair (before, after) is not mirrored: it is what is added to x.
    Raises InputError as `correlate` does.
    """
    x, kernel = np.asarray(x), np.asarray(kernel)
    zeros = windows_over(x.shape, kernel.shape, padding, stride, dilation).zeros
    words = each_padding(padding, x.ndim)
    mirrored = [pair[::-1] if word == "same" else pair for pair, word in zip(zeros, words, strict=True)]
    return correlate(x, np.flip(kernel), mirrored, stride, dilation, mode)


def correlation(
    x: ArrayLike,
    kernel: ArrayLike,
    padding: Paddings = "valid",
    stride: Counts = 1,
    dilation: Counts = 1,
    groups: int = 1,
    mode: str = "zeros",
) -> np.ndarray:
    """Correlate a batch (N, *sizes, channels) with kernels to (N, *places, filters), as a convolution layer does.

    Channels and filters lie in `groups` runs of equal length; the filters of a run see the channels of the run with
    the same place. Raises InputError as `correlate` does, and where the groups or channels do not fit the kernels.
    """
    x, kernel = np.asarray(x), np.asarray(kernel)
    windows, runs = layer_windows(x, kernel, padding, stride, dilation, groups)
    padded = windows.padded(x, 1, mode)
    y = np.zeros((len(x), *windows.places, kernel.shape[-1]), sum_type(x, kernel))
    kernel = kernel.astype(y.dtype)
    for tap, under in windows:
        for seen, made in runs:
            y[..., made] += padded[:, *under, seen] @ kernel[tap][:, made]
    return y


def correlation_gradients(
    x: ArrayLike,
    kernel: ArrayLike,
    upstream: ArrayLike,
    padding: Paddings = "valid",
    stride: Counts = 1,
    dilation: Counts = 1,
    groups: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of sum(upstream * correlation(x, kernel, ...)) to x and to the kernel, with zeros outside x.

    The gradient to x is the adjoint of the correlation: the transposed correlation of upstream.
    Raises InputError as `correlation` does, and where upstream has not the shape of its output.
    """
    x, kernel, upstream = np.asarray(x), np.asarray(kernel), np.asarray(upstream)
    windows, runs = layer_windows(x, kernel, padding, stride, dilation, groups)
    check_upstream(upstream, (len(x), *windows.places, kernel.shape[-1]))
    padded = windows.padded(x, 1)
    dpadded = np.zeros(padded.shape, sum_type(kernel, upstream))
    dkernel = np.zeros(kernel.shape, sum_type(x, upstream))
    x_type, kernel_type = dpadded.dtype, dkernel.dtype
    to_x, to_kernel, kernel = upstream.astype(x_type), upstream.astype(kernel_type), kernel.astype(x_type)
    around = list(range(upstream.ndim - 1))
    for tap, under in windows:
        for seen, made in runs:
            dpadded[:, *under, seen] += to_x[..., made] @ kernel[tap][:, made].T
            dkernel[tap][:, made] = np.tensordot(padded[:, *under, seen], to_kernel[..., made], (around, around))
    return windows.inside(dpadded, 1), dkernel


def layer_windows(
    x: np.ndarray, kernel: np.ndarray, padding: Paddings, stride: Counts, dilation: Counts, groups: int
) -> tuple[Windows, list[tuple[slice, slice]]]:
    """The windows of kernels with channels over a batch, and (channels, filters) of each group.

    Raises InputError where axes, channels or groups do not fit.
    """
    if x.ndim < 3 or kernel.ndim != x.ndim:
        raise InputError(
            f"x is (N, *sizes, channels) and kernel (*taps, channels // groups, filters), got {x.shape} and "
            f"{kernel.shape}"
        )
    *taps, seen, filters = kernel.shape
    if groups < 1 or x.shape[-1] != seen * groups:
        raise InputError(f"the kernel sees {seen} channels in each of {groups} groups, the input has {x.shape[-1]}")
    runs = zip(group_runs(groups, x.shape[-1]), group_runs(groups, filters), strict=True)
    return windows_over(x.shape[1:-1], taps, padding, stride, dilation), list(runs)


def check_upstream(upstream: np.ndarray, shape: tuple[int, ...]) -> None:
    """Raise InputError where an upstream gradient has not the shape of the output."""
    if upstream.shape != shape:
        raise InputError(f"upstream must have the output's shape {shape}, got {upstream.shape}")


def sum_type(x: np.ndarray, kernel: np.ndarray) -> np.dtype:
    """The type of sums of products: the operands' common one, but int64 for integers, float32 for halves at least."""
    common = np.result_type(x, kernel)
    if common.kind in "bui":
        return common if common == np.uint64 else np.dtype(np.int64)
    return np.result_type(common, np.float32)
