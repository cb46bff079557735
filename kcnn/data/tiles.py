"""A whole image answered tile by tile, and its tiles as batches.

Source: O. Ronneberger, P. Fischer and T. Brox, U-Net, MICCAI 2015, figure 2 (overlap-tile strategy).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf

from kcnn.data.masked import MaskedExamples
from kcnn.data.pipeline import Batches, in_order, pipeline
from kcnn.errors import InputError

_KEPT = 2
"""Of how many images the tiles are kept at hand: the batches of one follow one another."""


@dataclass(frozen=True)
class Tiling:
    """Square tiles of side `tile`, and the network's answers to them, of side `answer`, about the same centre.

    Of an answer `overlap` pixels at each side are not used; what is kept of all of them covers an image without gaps,
    from its upper left corner on, each pixel once. What a tile needs beyond the image is mirrored at its borders.
    Raises `InputError` where nothing is kept, or the answer cannot be centred.
    """

    tile: int
    answer: int
    overlap: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.answer <= self.tile or (self.tile - self.answer) % 2:
            raise InputError(
                f"an answer of side {self.answer} cannot lie centred in a tile of side {self.tile}: "
                "the difference must be even"
            )
        if self.kept < 1:
            raise InputError(
                f"data.overlap must be less than half of the network's answer of side {self.answer}, got {self.overlap}"
            )

    @property
    def kept(self) -> int:
        """The side of what is used of an answer."""
        return self.answer - 2 * self.overlap

    def count(self, height: Any, width: Any) -> Any:
        """How many tiles an image has; numbers or tensors."""
        return -(-height // self.kept) * -(-width // self.kept)

    def cut(self, image: tf.Tensor) -> tf.Tensor:
        """The tiles (n, tile, tile, channels) of an image (H, W, channels), row by row; any size, also unknown."""
        height, width = tf.shape(image)[0], tf.shape(image)[1]
        rows = mirrored(self._sides(height), height, tf.maximum)
        columns = mirrored(self._sides(width), width, tf.maximum)

        # Gathered, not transposed: before it transposes uint8 TensorFlow writes an error to the log on most CPUs.
        def tile(number: tf.Tensor) -> tf.Tensor:
            row, column = number // tf.shape(columns)[0], number % tf.shape(columns)[0]
            return tf.gather(tf.gather(image, rows[row], axis=0), columns[column], axis=1)

        count = tf.shape(rows)[0] * tf.shape(columns)[0]
        shape = tf.TensorSpec([self.tile, self.tile, image.shape[-1]], image.dtype)
        return tf.map_fn(tile, tf.range(count), fn_output_signature=shape)

    def join(self, maps: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
        """The map (height, width, k) made of the answers (n, answer, answer, k) to the tiles that `cut` gave."""
        kept = slice(self.overlap, self.overlap + self.kept)
        rows, columns = -(-height // self.kept), -(-width // self.kept)
        blocks = tf.reshape(maps[:, kept, kept], [rows, columns, self.kept, self.kept, maps.shape[-1]])
        # Which line of which block each line of the map is made of, from left to right.
        line, block = tf.meshgrid(tf.range(rows * self.kept), tf.range(columns), indexing="ij")
        lines = tf.gather_nd(blocks, tf.stack([line // self.kept, block, line % self.kept], -1))
        whole = tf.reshape(lines, [rows * self.kept, columns * self.kept, maps.shape[-1]])
        return whole[:height, :width]

    def _sides(self, length: tf.Tensor) -> tf.Tensor:
        """The positions (n, tile) along one side of an image that each tile sees; some lie beyond it."""
        first = tf.range(-(-length // self.kept)) * self.kept - self.overlap - (self.tile - self.answer) // 2
        return first[:, tf.newaxis] + tf.range(self.tile)


def mirrored(positions: Any, length: Any, larger: Callable[[Any, Any], Any] = np.maximum) -> Any:
    """Positions as they are within 0..length - 1, beyond it mirrored at the first and the last (a triangular wave).

    Arrays, or with `larger=tf.maximum` tensors.
    """
    turn = length - 1
    return turn - abs(positions % larger(2 * turn, 1) - turn)


def evaluation_tiles(
    examples: MaskedExamples, tiling: Tiling, batch_size: int, replicas: int = 1, workers: int | None = None
) -> Batches:
    """All tiles of all images, in order, each with its number; the last batch is filled up with tiles of weight 0.

    `tiling.count` of `examples.sizes` says how many tiles each image has: the answers to them are joined, and the whole
    is what is measured.
    """
    ends = np.cumsum([tiling.count(height, width) for height, width in examples.sizes])
    batches = in_order(int(ends[-1]), batch_size, replicas)

    @lru_cache(_KEPT)
    def tiles_of(image: int) -> np.ndarray:
        return tiling.cut(tf.constant(examples.image(image))).numpy()

    def make(index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        chosen, weights = batches[index]
        images = np.searchsorted(ends, chosen, side="right")
        starts = np.concatenate([[0], ends])[images]
        tiles = [tiles_of(int(image))[place] for image, place in zip(images, chosen - starts, strict=True)]
        return np.stack(tiles), chosen, weights

    pixels = tf.TensorSpec((None, tiling.tile, tiling.tile, examples.preprocessing.channels), tf.uint8)
    signature = pixels, tf.TensorSpec((None,), tf.int64), tf.TensorSpec((None,), tf.float32)
    return pipeline(make, range(len(batches)), replicas, signature, workers)
