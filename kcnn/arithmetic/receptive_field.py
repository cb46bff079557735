"""How much of an image, series or text one place of a map sees, and how far apart neighbouring places look."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from kcnn.arithmetic.sizes import window_extent
from kcnn.errors import InputError


@dataclass(frozen=True)
class Field:
    """Along one axis: the pixels that a place sees (None: all, 0: none), and those from a place to its neighbour.

    Of a series they are steps, of a text words. Borders are left out of account: a field may be larger than the image.
    The places of a map that was enlarged do not all see as much: `size` is that of the place which sees most, and the
    stride may be a fraction.
    """

    size: int | None = 1
    stride: int | Fraction = 1
    below: "tuple[Field, _Reach] | None" = None  # behind an enlargement: what the latest layer was laid over, and how

    def through(self, kernel: int, stride: int = 1, dilation: int = 1) -> "Field":
        """The field after a sliding window: r + (extent - 1) j, and j times the stride."""
        reach = _Reach(window_extent(kernel, dilation), stride)
        return Field(self.together(reach.places(1)), self.stride * stride, (self, reach) if self.below else None)

    def enlarged(self, kernel: int, stride: int, dilation: int = 1) -> "Field":
        """The field after a transposed convolution, whose output has `stride` places for each one of its input.

        A place of the output is reached by the kernels of ceil(extent / stride) places of the input or of one less;
        where a dilation shares no divisor with the stride, perhaps of fewer.
        """
        reach = _Reach(window_extent(kernel, dilation), stride, enlarging=True)
        return Field(self.together(reach.places(1)), Fraction(self.stride) / stride, (self, reach))

    def together(self, places: int) -> int | None:
        """The pixels that so many neighbouring places see together, where these are most."""
        if not self.size:
            return self.size
        if self.below is None:
            return self.size + (places - 1) * int(self.stride)
        under, reach = self.below
        return under.together(reach.places(places))

    @property
    def extent(self) -> float:
        """The size as a number; infinite for the whole image."""
        return float("inf") if self.size is None else self.size


@dataclass(frozen=True)
class _Reach:
    """A window's extent and stride, which tell what neighbouring places of its output see of its input."""

    extent: int
    stride: int
    enlarging: bool = False

    def places(self, outputs: int) -> int:
        """The most neighbouring places of the input that so many of the output see together."""
        if self.enlarging:
            return -(-(outputs - 1 + self.extent) // self.stride)
        return (outputs - 1) * self.stride + self.extent


WHOLE = Field(None)
"""What sees the whole image, series or text."""

NOWHERE = Field(0)
"""What sees nothing of it: labels and codes, and what is made of them."""


def widest(fields: "list[Field]") -> Field:
    """Where branches meet, a place sees what the branch that sees most does."""
    return max(fields, key=lambda field: field.extent)


def stack_field(windows: Iterable[tuple[int, int] | tuple[int, int, int]]) -> Field:
    """The field of a place after a stack of windows (kernel, stride) or (kernel, stride, dilation), the first first.

    Raises InputError for a window with other numbers of entries, or with one below 1.
    """
    field = Field()
    for window in windows:
        if len(window) not in (2, 3) or min(window) < 1:
            raise InputError(
                f"a window is (kernel, stride) or (kernel, stride, dilation), all at least 1, got {window}"
            )
        field = field.through(*window)
    return field
