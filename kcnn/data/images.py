"""Labelled images by index."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from kcnn.data.check import Item, called, read, undecodable
from kcnn.data.preprocessing import Preprocessing
from kcnn.data.taken import spread
from kcnn.errors import DataError


@dataclass(frozen=True)
class Examples:
    """The examples of one split. `pixels` holds them at the network's size where memory allows."""

    items: Sequence[Item]
    labels: np.ndarray
    preprocessing: Preprocessing
    pixels: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def signature(self) -> tuple[tf.TensorSpec, tf.TensorSpec]:
        """The structure of a batch: images and labels."""
        return tf.TensorSpec((None, *self.preprocessing.shape), tf.uint8), tf.TensorSpec((None,), tf.int64)

    @property
    def lengths(self) -> None:
        """Images have no length."""

    def inputs(self, indices: np.ndarray) -> np.ndarray:
        """The images."""
        return self.images(indices)

    def truth(self, indices: np.ndarray) -> np.ndarray:
        """The labels (len(indices),), int64."""
        return self.labels[indices]

    def images(self, indices: np.ndarray) -> np.ndarray:
        """The images (len(indices), height, width, channels), uint8."""
        if self.pixels is not None:
            return self.pixels[indices]
        return np.stack([self._decoded(index) for index in indices])

    def some(self, count: int) -> "Examples":
        """At most `count` of them, evenly spread over their order."""
        chosen = spread(len(self), count)
        pixels = None if self.pixels is None else self.pixels[chosen]
        return replace(self, items=[self.items[i] for i in chosen], labels=self.labels[chosen], pixels=pixels)

    def encoded(self, index: int) -> bytes:
        """One image as a file's bytes, before any resizing."""
        return read(self.items[index])

    def _decoded(self, index: int) -> np.ndarray:
        encoded = self.encoded(index)
        try:
            return self.preprocessing.decode(tf.constant(encoded)).numpy()
        except (tf.errors.OpError, ValueError):
            raise DataError(f"{called(self.items[index])} ({undecodable(encoded)})") from None
