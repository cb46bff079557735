"""Where sliding windows lie on an array: what correlation, im2col, pooling and the matrix have in common."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kcnn.arithmetic.sizes import Counts, Paddings, each, each_padding, output_size, zeros_around
from kcnn.errors import InputError, unknown

MODES: Mapping[str, Literal["constant", "edge", "reflect", "symmetric", "wrap"]] = {
    "zeros": "constant",
    "edge": "edge",
    "reflect": "reflect",
    "symmetric": "symmetric",
    "wrap": "wrap",
}
"""What is outside an array, and numpy.pad's word for it: reflect leaves the edge out, symmetric repeats it."""

Slices = tuple[slice, ...]


@dataclass(frozen=True)
class Windows:
    """Windows that slide over an array; every field has one entry for each spatial axis.

    `zeros` are the places that padding adds (before, after). The window at `place` has its tap t at
    strides * place + dilations * t of the padded array.
    """

    sizes: tuple[int, ...]
    taps: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    zeros: tuple[tuple[int, int], ...]
    places: tuple[int, ...]

    def __iter__(self) -> Iterator[tuple[tuple[int, ...], Slices]]:
        """Each tap in C order, and where the padded array lies under it, for all places at once."""
        for tap in np.ndindex(*self.taps):
            axes = zip(tap, self.places, self.strides, self.dilations, strict=True)
            yield tap, tuple(slice(d * t, d * t + s * (n - 1) + 1, s) for t, n, s, d in axes)

    def padded(self, x: np.ndarray, first: int = 0, mode: str = "zeros", value: float = 0) -> np.ndarray:
        """The array, whose spatial axes begin at `first`, with its padding; `value` is what mode "zeros" pads with.

        Raises InputError for an unknown mode.
        """
        if mode not in MODES:
            raise unknown("mode", mode, MODES)
        widths = [(0, 0)] * first + list(self.zeros) + [(0, 0)] * (x.ndim - first - len(self.sizes))
        return np.pad(x, widths, constant_values=value) if mode == "zeros" else np.pad(x, widths, MODES[mode])

    def inside(self, padded: np.ndarray, first: int = 0) -> np.ndarray:
        """The padded array without its padding."""
        kept = (slice(before, before + size) for (before, _), size in zip(self.zeros, self.sizes, strict=True))
        return padded[(slice(None),) * first + tuple(kept)]

    @property
    def padded_sizes(self) -> tuple[int, ...]:
        """The sizes of the padded array."""
        return tuple(size + before + after for size, (before, after) in zip(self.sizes, self.zeros, strict=True))


def windows_over(
    sizes: Sequence[int], taps: Sequence[int], padding: Paddings = "valid", stride: Counts = 1, dilation: Counts = 1
) -> Windows:
    """The windows of `taps` over an array of `sizes`.

    Raises InputError where the numbers of axes differ, a count is not positive, or the window does not fit.
    """
    axes = len(sizes)
    if axes < 1 or len(taps) != axes:
        raise InputError(f"the window needs one size for each axis of the array, got {len(taps)} for {axes}")
    strides, dilations = each("stride", stride, axes), each("dilation", dilation, axes)
    rules = list(zip(sizes, taps, strides, each_padding(padding, axes), dilations, strict=True))
    return Windows(
        tuple(sizes),
        tuple(taps),
        tuple(strides),
        tuple(dilations),
        tuple(zeros_around(*rule) for rule in rules),
        tuple(output_size(*rule) for rule in rules),
    )


def group_runs(groups: int, channels: int) -> list[slice]:
    """The runs of equal length in which the channels of each group lie.

    Raises InputError where there is no channel, or the groups do not divide them.
    """
    if groups < 1 or channels < 1 or channels % groups:
        raise InputError(f"groups must divide the channels, got {groups} for {channels}")
    length = channels // groups
    return [slice(first, first + length) for first in range(0, channels, length)]
