"""Labelled texts as the numbers of their words, by index."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from kcnn.data.taken import spread
from kcnn.data.words import PADDING, UNKNOWN, TextPreparation

MULTIPLE = 8
"""Batches are padded to a multiple of so many words: a GPU's library tries what is best at each length."""


@dataclass(frozen=True)
class TextExamples:
    """The texts of one split. `numbers` are those of all words in a row, int32, of text i from `offsets[i]` on."""

    texts: Sequence[str]
    labels: np.ndarray
    numbers: np.ndarray
    offsets: np.ndarray
    preparation: TextPreparation

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def signature(self) -> tuple[tf.TensorSpec, tf.TensorSpec]:
        """The structure of a batch: numbers of words, and labels."""
        return tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int64)

    @property
    def lengths(self) -> np.ndarray:
        """The words of each text."""
        return np.diff(self.offsets)

    @property
    def unknown(self) -> int:
        """How many texts have no word that has a number of its own."""
        known = np.concatenate([[0], np.cumsum(self.numbers > UNKNOWN)])
        return int(np.sum(np.diff(known[self.offsets]) == 0))

    def inputs(self, indices: np.ndarray) -> np.ndarray:
        """The numbers (len(indices), words), int32, padded to the longest, and that to a multiple of `MULTIPLE`."""
        lengths = self.lengths[indices]
        words = int(lengths.max(initial=1))
        padded = np.full((len(indices), -(-words // MULTIPLE) * MULTIPLE), PADDING, np.int32)
        for row, index, length in zip(padded, indices, lengths, strict=True):
            row[:length] = self.numbers[self.offsets[index] :][:length]
        return padded

    def truth(self, indices: np.ndarray) -> np.ndarray:
        """The labels (len(indices),), int64."""
        return self.labels[indices]

    def some(self, count: int) -> "TextExamples":
        """At most `count` of them, evenly spread over their order."""
        chosen = spread(len(self), count)
        parts = [self.numbers[self.offsets[index] : self.offsets[index + 1]] for index in chosen]
        return TextExamples(
            texts=[self.texts[index] for index in chosen],
            labels=self.labels[chosen],
            numbers=np.concatenate(parts),
            offsets=np.concatenate([[0], np.cumsum(self.lengths[chosen])]),
            preparation=self.preparation,
        )
