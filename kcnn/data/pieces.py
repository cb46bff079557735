"""Recordings as codes by index, of their own lengths: what is learned from is each sample after those before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf

from kcnn.data.sounds import SILENT, AudioPreparation
from kcnn.data.taken import spread


@dataclass(frozen=True)
class Pieces:
    """The pieces of one split. `codes` are those of each piece (steps,), uint8.

    `conditions` are a number a piece (N,), int64, by what it says: `class`, `speaker`. `local` are rows of numbers for
    every 10 ms of each piece (steps / hop, numbers), float32, or there are none.
    """

    codes: Sequence[np.ndarray]
    conditions: Mapping[str, np.ndarray]
    local: Sequence[np.ndarray]
    preparation: AudioPreparation

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def lengths(self) -> np.ndarray:
        """The steps of each piece."""
        return np.array([len(each) for each in self.codes])

    @property
    def signature(self) -> tuple[tf.TensorSpec, dict[str, tf.TensorSpec]]:
        """Codes, silence before them, and what comes at each step with its weight, 0 where the piece is over."""
        truth = {
            "values": tf.TensorSpec((None, None), tf.int64),
            "weights": tf.TensorSpec((None, None), tf.float32),
            **{name: tf.TensorSpec((None,), tf.int64) for name in self.conditions},
        }
        if self.local:
            truth["local"] = tf.TensorSpec((None, None, self.local[0].shape[1]), tf.float32)
        return tf.TensorSpec((None, None), tf.int32), truth

    def inputs(self, indices: np.ndarray) -> np.ndarray:
        """Codes (len(indices), steps), int32, each a step late: the first is silence."""
        return self._filled(indices)[:, :-1].astype(np.int32)

    def truth(self, indices: np.ndarray) -> dict[str, Any]:
        """What is to be answered, and what is told, as `signature` says."""
        values = self._filled(indices)[:, 1:].astype(np.int64)
        weights = (np.arange(values.shape[1]) < self.lengths[indices][:, np.newaxis]).astype(np.float32)
        told: dict[str, Any] = {name: labels[indices] for name, labels in self.conditions.items()}
        if self.local:
            rows = values.shape[1] // self.preparation.hop
            told["local"] = np.zeros((len(indices), rows, self.local[0].shape[1]), np.float32)
            for row, index in zip(told["local"], indices, strict=True):
                row[: len(self.local[index])] = self.local[index]
        return {"values": values, "weights": weights, **told}

    def some(self, count: int) -> "Pieces":
        """At most `count` of them, evenly spread over their order."""
        chosen = spread(len(self), count)
        return replace(
            self,
            codes=[self.codes[index] for index in chosen],
            conditions={name: labels[chosen] for name, labels in self.conditions.items()},
            local=[self.local[index] for index in chosen] if self.local else [],
        )

    def _filled(self, indices: np.ndarray) -> np.ndarray:
        """Silence, and the codes; the longest is filled up to whole 10 ms."""
        hop = self.preparation.hop
        steps = -(-int(self.lengths[indices].max()) // hop) * hop
        filled = np.full((len(indices), 1 + steps), SILENT, np.uint8)
        for row, index in zip(filled, indices, strict=True):
            row[1 : 1 + self.lengths[index]] = self.codes[index]
        return filled
