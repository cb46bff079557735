"""A stack of linear layers is one linear layer: correlations one after the other are one with a larger kernel."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from kcnn.arithmetic.correlation import convolve
from kcnn.arithmetic.sizes import Counts, each
from kcnn.errors import InputError


def effective_kernel(
    kernels: Sequence[ArrayLike], strides: int | Sequence[Counts] = 1, dilations: int | Sequence[Counts] = 1
) -> np.ndarray:
    """The kernel k_L * ... * k_1 of one correlation that equals those with k_1 to k_L, without padding, in this order.

    The kernels are plain arrays with equally many axes; `strides` and `dilations` are a number for all of them, or
    have an entry for each. What a layer takes as neighbours lies as far apart on the input as the strides before it
    multiply to, so its kernel's taps are spread by that before they are convolved. The one correlation has the product
    of all strides.
    Raises InputError where there is no kernel, or axes or entries are not as many as needed.
    """
    arrays = [np.asarray(kernel) for kernel in kernels]
    strides = strides if isinstance(strides, Iterable) else [strides] * len(arrays)
    dilations = dilations if isinstance(dilations, Iterable) else [dilations] * len(arrays)
    if not arrays or not len(arrays) == len(strides) == len(dilations):
        raise InputError(
            "there must be a kernel, and a stride and a dilation for each, got "
            f"{len(arrays)} kernels, {len(strides)} strides and {len(dilations)} dilations"
        )
    axes = arrays[0].ndim
    apart = np.ones(axes, int)
    whole = np.ones((1,) * axes, int)
    for kernel, stride, dilation in zip(arrays, strides, dilations, strict=True):
        whole = convolve(whole, _spread(kernel, apart * each("dilation", dilation, axes)))
        apart *= each("stride", stride, axes)
    return whole


def _spread(kernel: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """The kernel with its taps `apart` places from one another, and zeros between them."""
    if kernel.ndim != len(apart):
        raise InputError(f"the kernels must have equally many axes, got {len(apart)} and {kernel.ndim}")
    spread = np.zeros((np.array(kernel.shape) - 1) * apart + 1, kernel.dtype)
    spread[tuple(slice(None, None, step) for step in apart)] = kernel
    return spread
