"""Correlation as one matrix product: every window of the input becomes a row.

A row holds the window's values tap by tap in C order, the channels of a tap together: the order of a kernel
(*taps, channels, filters) flattened to (taps x channels, filters). With overlapping windows a value is copied as often
as windows hold it, up to prod(taps) times: that is the price of the single fast product.

Source: Chellapilla, Puri, Simard 2006, *High performance convolutional neural networks for document processing*.
"""

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from kcnn.arithmetic.correlation import layer_windows, sum_type
from kcnn.arithmetic.sizes import Counts, Paddings
from kcnn.arithmetic.windows import windows_over
from kcnn.errors import InputError


def im2col(
    x: ArrayLike, taps: Sequence[int], padding: Paddings = "valid", stride: Counts = 1, dilation: Counts = 1
) -> np.ndarray:
    """The windows of a batch (N, *sizes, channels) as rows: (N, places, prod(taps) x channels), zeros outside x.

    Raises InputError where the numbers of axes differ, a size or padding is refused, or the window does not fit.
    """
    x = np.asarray(x)
    windows = windows_over(x.shape[1:-1], taps, padding, stride, dilation)
    padded = windows.padded(x, 1)
    columns = np.stack([padded[:, *under] for _, under in windows], axis=-2)
    return columns.reshape(len(x), prod(windows.places), prod(taps) * x.shape[-1])


def col2im(
    columns: ArrayLike,
    shape: Sequence[int],
    taps: Sequence[int],
    padding: Paddings = "valid",
    stride: Counts = 1,
    dilation: Counts = 1,
) -> np.ndarray:
    """The adjoint of im2col: add every row to the places of its window, in a batch of `shape` (N, *sizes, channels).

    Where windows overlap their values add up, so this undoes im2col only where they do not.
    Raises InputError as im2col does, and where the columns have another shape than im2col's.
    """
    columns = np.asarray(columns)
    count, *sizes, channels = shape
    windows = windows_over(sizes, taps, padding, stride, dilation)
    expected = (count, prod(windows.places), prod(taps) * channels)
    if columns.shape != expected:
        raise InputError(f"the columns of {tuple(shape)} have shape {expected}, got {columns.shape}")
    parts = columns.reshape(count, *windows.places, prod(taps), channels)
    padded = np.zeros((count, *windows.padded_sizes, channels), sum_type(columns, columns))
    for index, (_, under) in enumerate(windows):
        padded[:, *under] += parts[..., index, :]
    return windows.inside(padded, 1)


def correlation_by_im2col(
    x: ArrayLike,
    kernel: ArrayLike,
    padding: Paddings = "valid",
    stride: Counts = 1,
    dilation: Counts = 1,
    groups: int = 1,
) -> np.ndarray:
    """`correlation` with zeros outside x, as one matrix product for each group.

    Raises InputError as `correlation` does.
    """
    x, kernel = np.asarray(x), np.asarray(kernel)
    windows, runs = layer_windows(x, kernel, padding, stride, dilation, groups)
    filters = kernel.shape[-1]
    weights = kernel.reshape(-1, filters).astype(sum_type(x, kernel))
    parts = [im2col(x[..., seen], windows.taps, padding, stride, dilation) @ weights[:, made] for seen, made in runs]
    return np.concatenate(parts, axis=-1).reshape(len(x), *windows.places, filters)
