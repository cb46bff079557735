"""Which heights and widths a network takes, where not every one from the smallest on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sides:
    """`remainder` more than the multiples of `multiple`, from `smallest` on; or `smallest`, doubled again and again."""

    smallest: int
    multiple: int = 1
    remainder: int = 0
    doubled: bool = False

    def hold(self, side: int) -> bool:
        """Whether a side is among them."""
        return self.nearest(side) == side

    def nearest(self, side: int) -> int:
        """The one nearest to a side; of two that are as near, the smaller."""
        above = self.smallest
        while above < side:
            above += above if self.doubled else self.multiple
        below = above // 2 if self.doubled else above - self.multiple
        return below if self.smallest <= below and side - below <= above - side else above

    def __str__(self) -> str:
        if self.doubled:
            return f"{self.smallest} times a power of 2"
        return f"multiples of {self.multiple}" + (f" plus {self.remainder}" if self.remainder else "")
