"""How many places a sliding window has: the output size of convolution and pooling along one axis."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

import numpy as np

from kcnn.errors import InputError

Padding = str | int | Sequence[int]
"""Along one axis: "valid" (none), "same", "full", the places added on each side, or those (before, after)."""

Paddings = Padding | Sequence[Padding]
"""A padding for every axis, or one for each. For two axes two numbers are one for each, not a pair (before, after)."""

Counts = int | Sequence[int]
"""A number for every axis, or one for each."""


def window_extent(kernel: int, dilation: int = 1) -> int:
    """The places from the first to the last tap of a window, both counted: d (k - 1) + 1."""
    return dilation * (kernel - 1) + 1


def same_padding(size: int, kernel: int, stride: int = 1, dilation: int = 1) -> tuple[int, int]:
    """The zeros (before, after) with which the output has ceil(size / stride) places.

    TensorFlow's and Keras's rule: as few zeros as possible, an odd one goes after. With a stride this is
    not what the papers' frameworks do: they pad both sides alike, which is an explicit padding here.
    """
    outputs = -(-size // stride)
    zeros = max(0, (outputs - 1) * stride + window_extent(kernel, dilation) - size)
    return zeros // 2, zeros - zeros // 2


def output_size(size: int, kernel: int, stride: int = 1, padding: Padding = "valid", dilation: int = 1) -> int:
    """The number of places at which the window fits: floor((size + padding - extent) / stride) + 1.

    `padding` is "valid" (none), "same", "full" (extent - 1 zeros on each side: the window meets the input in one
    place at least), the zeros on each side, or the zeros (before, after).
    Raises InputError where a count is not positive, or the window is larger than the padded input.
    """
    before, after = zeros_around(size, kernel, stride, padding, dilation)
    extent = window_extent(kernel, dilation)
    room = size + before + after - extent
    if room < 0:
        raise InputError(f"a window of {extent} does not fit into {size} + {before + after} of padding")
    return room // stride + 1


def zeros_around(
    size: int, kernel: int, stride: int = 1, padding: Padding = "valid", dilation: int = 1
) -> tuple[int, int]:
    """The zeros (before, after) that `padding` stands for, as in `output_size`.

    Raises InputError where a count is not positive, or the padding is negative or an unknown word.
    """
    for what, count in {"size": size, "kernel": kernel, "stride": stride, "dilation": dilation}.items():
        if count < 1:
            raise InputError(f"{what} must be at least 1, got {count}")
    if not isinstance(padding, str):
        return explicit_zeros(padding)
    match padding:
        case "valid":
            return 0, 0
        case "same":
            return same_padding(size, kernel, stride, dilation)
        case "full":
            return (window_extent(kernel, dilation) - 1,) * 2
    raise InputError(f"padding is 'valid', 'same', 'full', a number or a pair of numbers, got {padding!r}")


def explicit_zeros(padding: int | Sequence[int]) -> tuple[int, int]:
    """The zeros (before, after) of a number, which stands for both sides, or of a pair.

    Raises InputError for anything else, and for a negative number.
    """
    pair = (padding, padding) if isinstance(padding, int | np.integer) else padding
    if not _are_whole(pair) or len(pair) != 2:
        raise InputError(f"padding is a word, a number or a pair of numbers, got {padding!r}")
    before, after = map(int, pair)
    if min(before, after) < 0:
        raise InputError(f"padding must not be negative, got {padding}")
    return before, after


def each(what: str, counts: Counts, axes: int, least: int = 1) -> list[int]:
    """One number for each axis.

    Raises InputError, naming `what`, where there are fewer or more, or one is below `least`.
    """
    numbers = [counts] * axes if isinstance(counts, int | np.integer) else counts
    if not _are_whole(numbers) or len(numbers) != axes:
        raise InputError(f"{what} is a whole number, or one for each axis ({axes}), got {counts!r}")
    if any(number < least for number in numbers):
        raise InputError(f"{what} must be at least {least}, got {counts}")
    return [int(number) for number in numbers]


def each_padding(padding: Paddings, axes: int) -> list[str | tuple[int, int]]:
    """A word or the zeros (before, after) for each axis.

    Raises InputError where there are fewer or more, and as `explicit_zeros` does.
    """
    each_axis: Sequence[Padding]
    if isinstance(padding, str | int | np.integer):
        each_axis = [padding] * axes
    elif not isinstance(padding, Iterable):
        raise InputError(f"padding is a word, a number or a pair of numbers, got {padding!r}")
    elif len(padding) == 2 and axes != 2 and _are_whole(padding):
        each_axis = [padding] * axes
    else:
        each_axis = padding
    if len(each_axis) != axes:
        raise InputError(f"padding is one for every axis, or one for each ({axes}), got {padding!r}")
    return [one if isinstance(one, str) else explicit_zeros(one) for one in each_axis]


def _are_whole(numbers: Any) -> TypeGuard[Sequence[int]]:
    return isinstance(numbers, Iterable) and all(isinstance(number, int | np.integer) for number in numbers)
