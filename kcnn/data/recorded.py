"""Recordings by index, of one length, with a label: what a classifier learns from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from kcnn.data.check import Item, read
from kcnn.data.sounds import AudioPreparation
from kcnn.data.taken import spread


@dataclass(frozen=True)
class RecordingExamples:
    """The recordings of one split: the files, `waveforms` (N, samples), float32, and `labels` (N,), int64."""

    items: Sequence[Item]
    waveforms: np.ndarray
    labels: np.ndarray
    preparation: AudioPreparation

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def signature(self) -> tuple[tf.TensorSpec, tf.TensorSpec]:
        """Waveforms and labels."""
        return tf.TensorSpec((None, *self.preparation.shape), tf.float32), tf.TensorSpec((None,), tf.int64)

    @property
    def lengths(self) -> None:
        """All have one."""

    def inputs(self, indices: np.ndarray) -> np.ndarray:
        """Waveforms (len(indices), samples), float32."""
        return self.waveforms[indices]

    def truth(self, indices: np.ndarray) -> np.ndarray:
        """The labels (len(indices),), int64."""
        return self.labels[indices]

    def encoded(self, index: int) -> bytes:
        """One recording as its file's bytes."""
        return read(self.items[index])

    def some(self, count: int) -> "RecordingExamples":
        """At most `count` of them, evenly spread over their order."""
        chosen = spread(len(self), count)
        items = [self.items[index] for index in chosen]
        return replace(self, items=items, waveforms=self.waveforms[chosen], labels=self.labels[chosen])
