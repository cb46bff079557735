"""Correlation as a product with a sparse matrix, which holds the same few weights in every row.

Along one axis with stride 1 the matrix is Toeplitz: constant along its diagonals; along two, doubly block Toeplitz. Its
transpose is the transposed correlation.
"""

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from kcnn.arithmetic.correlation import sum_type
from kcnn.arithmetic.sizes import Counts, Paddings
from kcnn.arithmetic.windows import windows_over
from kcnn.errors import InputError


def correlation_matrix(
    kernel: ArrayLike,
    sizes: Sequence[int],
    padding: Paddings = "valid",
    stride: Counts = 1,
    dilation: Counts = 1,
    mode: str = "zeros",
) -> sparse.csr_array:
    """The matrix (outputs, inputs) with matrix @ x.ravel() == correlate(x, kernel, ...).ravel() for x of `sizes`.

    A kernel with two axes more than `sizes` is (*taps, channels, filters): inputs are then (*sizes, channels) and
    outputs (*places, filters), as `correlation` has them for one example. Weights that are 0 are stored too.
    Raises InputError for a kernel with another number of axes, and as `correlate` does.
    """
    kernel, axes = np.asarray(kernel), len(sizes)
    kernel = kernel.astype(sum_type(kernel, kernel))  # so that neither entries nor products with them overflow
    if kernel.ndim == axes:
        kernel = kernel[..., None, None]
    if kernel.ndim != axes + 2:
        raise InputError(f"the kernel for {axes} axes has {axes} or, with channels, {axes + 2}, got {kernel.ndim}")
    *taps, channels, filters = kernel.shape
    windows = windows_over(sizes, taps, padding, stride, dilation)
    inputs, outputs = prod(sizes), prod(windows.places)
    # Inputs are numbered from 1, so that the padding's zeros are no input.
    numbers = windows.padded(np.arange(1, inputs + 1).reshape(sizes), mode=mode)
    rows, columns, values = [], [], []
    for tap, under in windows:
        source = numbers[under].ravel() - 1
        place = np.flatnonzero(source >= 0)
        # All pairs of (channel, filter) at each place.
        shape = (len(place), channels, filters)
        rows.append(np.broadcast_to((place * filters)[:, None, None] + np.arange(filters), shape).ravel())
        column = (source[place] * channels)[:, None, None] + np.arange(channels)[:, None]
        columns.append(np.broadcast_to(column, shape).ravel())
        values.append(np.broadcast_to(kernel[tap], shape).ravel())
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_array(entries, shape=(outputs * filters, inputs * channels))  # adds up what meets in one entry
