"""The transposed convolution: every input value adds a multiple of the kernel to the output.

It is the adjoint of a correlation: where the correlation gathers x[s i + d t - p] into y[i], this adds y[i] to
those places. So the kernel is not flipped, and the padding of the correlation is cut off here.

Source: Dumoulin and Visin 2016, *A guide to convolution arithmetic for deep learning*, chapter 4.
"""

import numpy as np
from numpy.typing import ArrayLike

from kcnn.arithmetic.correlation import correlation, sum_type
from kcnn.arithmetic.sizes import Counts, Padding, Paddings, each, each_padding, explicit_zeros, window_extent
from kcnn.arithmetic.windows import group_runs, windows_over
from kcnn.errors import InputError


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
    before, after = explicit_zeros(padding)
    return before, after - output_padding


def transposed_correlation(
    x: ArrayLike,
    kernel: ArrayLike,
    stride: Counts = 1,
    padding: Paddings = 0,
    output_padding: Counts = 0,
    dilation: Counts = 1,
    groups: int = 1,
) -> np.ndarray:
    """Scatter x (N, *sizes, channels) with a kernel (*sizes, filters // groups, channels) to (N, *sizes, filters).

    Channels and filters lie in `groups` runs of equal length; the channels of a run add to the filters of the run
    with the same place. Raises InputError where the groups do not divide, or a size or padding is refused.
    """
    x, kernel = np.asarray(x), np.asarray(kernel)
    runs = _runs(x, kernel, groups)
    rules = _rules(x, kernel, stride, padding, output_padding, dilation)
    sizes = [transposed_output_size(size, *rule) for size, rule in rules]
    cuts = [cut_off(*rule) for _, rule in rules]

    full = [size + before + after for size, (before, after) in zip(sizes, cuts, strict=True)]
    # Where less than nothing is cut off after, the zeros beyond every window stay.
    covered = [n - min(0, after) for n, (_, after) in zip(full, cuts, strict=True)]
    y = np.zeros((len(x), *covered, kernel.shape[-2] * groups), sum_type(x, kernel))
    kernel = kernel.astype(y.dtype)
    for tap, under in windows_over(full, kernel.shape[:-2], "valid", stride, dilation):
        for of, to in runs:
            y[:, *under, to] += x[..., of] @ kernel[tap][:, of].T
    kept = (slice(before, before + size) for size, (before, _) in zip(sizes, cuts, strict=True))
    return y[:, *kept]


def transposed_by_interleaving(
    x: ArrayLike,
    kernel: ArrayLike,
    stride: Counts = 1,
    padding: Paddings = 0,
    output_padding: Counts = 0,
    dilation: Counts = 1,
    groups: int = 1,
) -> np.ndarray:
    """transposed_correlation, computed as an ordinary correlation with the flipped kernel.

    stride - 1 zeros lie between the places of x, and extent - 1 - padding around them; most products are with zeros.
    Raises InputError as transposed_correlation does.
    """
    x, kernel = np.asarray(x), np.asarray(kernel)
    runs = _runs(x, kernel, groups)
    rules = _rules(x, kernel, stride, padding, output_padding, dilation)
    sizes = [transposed_output_size(size, *rule) for size, rule in rules]
    strides = [rule[1] for _, rule in rules]

    full = [(size - 1) * s + 1 for (size, _), s in zip(rules, strides, strict=True)]
    spread = np.zeros((len(x), *full, x.shape[-1]), x.dtype)
    spread[:, *(slice(None, None, s) for s in strides)] = x
    for axis, ((_, rule), size) in enumerate(zip(rules, sizes, strict=True), 1):
        extent = window_extent(rule[0], rule[-1])
        before = extent - 1 - cut_off(*rule)[0]
        spread = _placed(spread, axis, before, size + extent - 1)
    flipped = np.flip(kernel, tuple(range(x.ndim - 2)))
    swapped = np.concatenate([np.swapaxes(flipped[..., of], -1, -2) for of, _ in runs], axis=-1)
    return correlation(spread, swapped, dilation=dilation, groups=groups)


def _placed(x: np.ndarray, axis: int, before: int, length: int) -> np.ndarray:
    """An axis of `length` places, with x behind `before` zeros; a negative number of them is cut off."""
    widths = [(0, 0)] * x.ndim
    widths[axis] = (max(0, before), max(0, length - before - x.shape[axis]))
    first = max(0, -before)
    return np.pad(x, widths)[(slice(None),) * axis + (slice(first, first + length),)]


def _rules(
    x: np.ndarray, kernel: np.ndarray, stride: Counts, padding: Paddings, output_padding: Counts, dilation: Counts
) -> list[tuple[int, tuple[int, int, str | tuple[int, int], int, int]]]:
    """The size of x along each axis, with the arguments of `cut_off`."""
    axes = x.ndim - 2
    rules = zip(
        kernel.shape[:-2],
        each("stride", stride, axes),
        each_padding(padding, axes),
        each("output_padding", output_padding, axes, 0),
        each("dilation", dilation, axes),
        strict=True,
    )
    return list(zip(x.shape[1:-1], rules, strict=True))


def _runs(x: np.ndarray, kernel: np.ndarray, groups: int) -> list[tuple[slice, slice]]:
    """The channels and the filters of each group."""
    if x.ndim < 3 or kernel.ndim != x.ndim:
        raise InputError(
            f"x is (N, *sizes, channels) and kernel (*taps, filters // groups, channels), got {x.shape} and "
            f"{kernel.shape}"
        )
    filters, channels = kernel.shape[-2:]
    if groups < 1 or channels != x.shape[-1] or channels % groups:
        raise InputError(f"the kernel has {channels} channels in {groups} groups, the input {x.shape[-1]}")
    return list(zip(group_runs(groups, channels), group_runs(groups, filters * groups), strict=True))
