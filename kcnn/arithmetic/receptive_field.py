"""How much of the image one place of a map sees, and how far apart neighbouring places look."""

from collections.abc import Iterable
from dataclasses import dataclass

from kcnn.arithmetic.sizes import window_extent
from kcnn.errors import InputError


@dataclass(frozen=True)
class Field:
    """Along one axis: the pixels that a place sees (None: all), and those from a place to its neighbour.

    Borders are left out of account: a field may be larger than the image.
    """

    size: int | None = 1
    stride: int = 1

    def through(self, kernel: int, stride: int = 1, dilation: int = 1) -> "Field":
        """The field after a sliding window: r + (extent - 1) j, and j times the stride."""
        size = None if self.size is None else self.size + (window_extent(kernel, dilation) - 1) * self.stride
        return Field(size, self.stride * stride)

    @property
    def extent(self) -> float:
        """The size as a number; infinite for the whole image."""
        return float("inf") if self.size is None else self.size


WHOLE = Field(None)
"""What sees the whole image."""


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
