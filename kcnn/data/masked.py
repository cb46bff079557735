"""Images with a class for every pixel, of any sizes, by index."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kcnn.data import check
from kcnn.data.borders import IGNORED, border_weights
from kcnn.data.decoding import encoded_image, read_image, read_mask
from kcnn.data.pairs import Pair
from kcnn.data.preprocessing import Preprocessing
from kcnn.data.taken import spread


@dataclass(frozen=True)
class Legend:
    """The value in a mask that stands for each class, in their order, and the one that is not counted."""

    values: tuple[int, ...]
    ignore: int | None = None

    def indices(self, mask: np.ndarray) -> np.ndarray:
        """Class indices (H, W), uint8, of a mask's values (H, W); `IGNORED` for those that stand for none."""
        table = np.full(np.iinfo(mask.dtype).max + 1, IGNORED, np.uint8)
        for label, value in enumerate(self.values):
            if value < len(table):
                table[value] = label
        return table[mask]


@dataclass(frozen=True)
class Weighing:
    """What the pixels weigh: w_c of every class, and w_0 and sigma (pixels) of the borders."""

    balance: tuple[float, ...]
    border_weight: float = 0.0
    border_sigma: float = 5.0

    def weights(self, mask: np.ndarray) -> np.ndarray:
        """The weights (H, W), float32, for class indices (H, W)."""
        return border_weights(mask, np.array(self.balance), self.border_weight, self.border_sigma)


@dataclass(frozen=True)
class MaskedExamples:
    """The images of one split and their masks. `arrays` holds them decoded where memory allows.

    `sizes` are height and width of each.
    """

    pairs: Sequence[Pair]
    sizes: Sequence[tuple[int, int]]
    preprocessing: Preprocessing
    legend: Legend
    weighing: Weighing
    arrays: Sequence[tuple[np.ndarray, np.ndarray]] | None = None
    _weights: dict[int, np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def names(self) -> tuple[str, ...]:
        """The images' paths below their folder."""
        return tuple(pair.name for pair in self.pairs)

    def image(self, index: int) -> np.ndarray:
        """One image (H, W, channels), uint8."""
        if self.arrays is not None:
            return self.arrays[index][0]
        return read_image(self.pairs[index].image, self.preprocessing.channels)

    def mask(self, index: int) -> np.ndarray:
        """The class index of each pixel (H, W), uint8; `IGNORED` where it is not counted."""
        if self.arrays is not None:
            return self.arrays[index][1]
        return self.legend.indices(read_mask(self.pairs[index].mask))

    def weights(self, index: int) -> np.ndarray:
        """What each pixel weighs in the loss (H, W), float32; 0 where it is not counted.

        Computed once, unless all of them would not fit into memory.
        """
        known = self._weights.get(index)
        if known is None:
            known = self.weighing.weights(self.mask(index))
            if 4 * sum(height * width for height, width in self.sizes) <= check.IN_MEMORY:
                self._weights[index] = known
        return known

    def encoded(self, index: int) -> bytes:
        """One image as a file's bytes; of a TIFF, which TensorFlow does not decode, as PNG."""
        return encoded_image(self.pairs[index].image, self.preprocessing.channels)

    def some(self, count: int) -> "MaskedExamples":
        """At most `count` of them, evenly spread over their order."""
        chosen = spread(len(self), count)
        arrays = None if self.arrays is None else [self.arrays[index] for index in chosen]
        pairs, sizes = [self.pairs[index] for index in chosen], [self.sizes[index] for index in chosen]
        return replace(self, pairs=pairs, sizes=sizes, arrays=arrays, _weights={})
