"""The transposed convolution: every input value adds a multiple of the kernel to the output.

It is the adjoint of a correlation: where the correlation gathers x[s i + d t - p] into y[i], this adds y[i] to
those places. So the kernel is not flipped, and the padding of the correlation is cut off here.

Source: Dumoulin and Visin 2016, *A guide to convolution arithmetic for deep learning*, chapter 4.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np

from kcnn.arithmetic.sizes import Padding, window_extent
from kcnn.errors import InputError

Counts = int | Sequence[int]
"""A number for every axis, or one for each."""


def transposed_output_size(
    size: int, kernel: int, stride: int = 1, padding: Padding = "valid", output_padding: int = 0, dilation: int = 1
) -> int:
    """The output's places along one axis: (size - 1) stride + extent - padding on both sides + output_padding.

    `extent` is dilation (kernel - 1) + 1. `padding` is "valid" (nothing is cut off), "same" (size x stride places,
    as Keras has it), the places cut off at each side, or those (before, after).
    Raises InputError as `cut_off` does, and where nothing would be left.
    """
    before, after = cut_off(kernel, stride, padding, output_padding, dilation)
    if size < 1:
        raise InputError(f"size must be at least 1, got {size}")
    full = (size - 1) * stride + window_extent(kernel, dilation)
    if full - before - after < 1:
        raise InputError(f"a padding of {padding!r} leaves nothing of {full} places")
    return full - before - after


def cut_off(
    kernel: int, stride: int = 1, padding: Padding = "valid", output_padding: int = 0, dilation: int = 1
) -> tuple[int, int]:
    """The places (before, after) to cut off the full output; a negative number of them is added as zeros.

    A correlation with a stride drops the last places where no window fits, so that inputs of several sizes give one
    output. `output_padding` says which size is meant.
    Raises InputError where a count is not positive, the padding is negative, or output_padding is not below the
    larger of stride and dilation.
    """
    for what, count in {"kernel": kernel, "stride": stride, "dilation": dilation}.items():
        if count < 1:
            raise InputError(f"{what} must be at least 1, got {count}")
    if not 0 <= output_padding < max(stride, dilation):
        raise InputError(
            f"output_padding must be at least 0 and below stride or dilation, got {output_padding} for {stride} "
            f"and {dilation}"
        )
    if padding == "same":
        if output_padding:
            raise InputError(f"output_padding goes with a numeric padding, got {output_padding} with 'same'")
        # The correlation pads max(0, surplus), an odd zero after; below 0 its last places are in no window.
        surplus = window_extent(kernel, dilation) - stride
        before = max(0, surplus) // 2
        return before, surplus - before
    if padding == "valid":
        padding = 0
    if isinstance(padding, str):
        raise InputError(f"padding is 'valid', 'same', a number or a pair of numbers, got {padding!r}")
    before, after = (padding, padding) if isinstance(padding, int) else padding
    if min(before, after) < 0:
        raise InputError(f"padding must not be negative, got {padding}")
    return before, after - output_padding


def transposed_correlation(
    x: np.ndarray,
    kernel: np.ndarray,
    stride: Counts = 1,
    padding: str | Counts = 0,
    output_padding: Counts = 0,
    dilation: Counts = 1,
    groups: int = 1,
) -> np.ndarray:
    """Scatter x (N, *sizes, channels) with a kernel (*sizes, filters // groups, channels) to (N, *sizes, filters).

    Channels and filters lie in `groups` runs of equal length; the channels of a run add to the filters of the run
    with the same place. Raises InputError where the groups do not divide, or a size or padding is refused.
    """
    axes = x.ndim - 2
    *taps, filters, channels = kernel.shape  # filters: those of a group
    if channels != x.shape[-1] or channels % groups:
        raise InputError(f"the kernel has {channels} channels in {groups} groups, the input {x.shape[-1]}")
    strides, dilations = _each(stride, axes), _each(dilation, axes)
    rules = list(zip(taps, strides, _each(padding, axes), _each(output_padding, axes), dilations, strict=True))
    firsts = [cut_off(*rule)[0] for rule in rules]
    sizes = [transposed_output_size(size, *rule) for size, rule in zip(x.shape[1:-1], rules, strict=True)]

    # More room than any output needs: what reaches beyond the kept places is cut off at the end.
    room = [
        s * size + d * tap + max(s, d) for size, tap, s, d in zip(x.shape[1:-1], taps, strides, dilations, strict=True)
    ]
    y = np.zeros((*room, x.shape[0], filters * groups), np.result_type(x, kernel))
    x = np.moveaxis(x, 0, -2)  # places first
    for place, tap in product(np.ndindex(x.shape[:axes]), np.ndindex(kernel.shape[:axes])):
        target = tuple(s * i + d * t for s, i, d, t in zip(strides, place, dilations, tap, strict=True))
        for group in range(groups):
            to, of = _run(group, filters), _run(group, channels // groups)
            y[target][:, to] += x[place][:, of] @ kernel[tap][:, of].T
    kept = [slice(first, first + size) for first, size in zip(firsts, sizes, strict=True)]
    return np.moveaxis(y[tuple(kept)], -2, 0)


def _run(group: int, length: int) -> slice:
    return slice(group * length, (group + 1) * length)


def _each(counts: str | Counts, axes: int) -> list:
    return [counts] * axes if isinstance(counts, str | int) else list(counts)
