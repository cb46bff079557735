"""What all exporters share: a finished run, some examples of it, and what a classifier must answer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kcnn.data.source import Source
from kcnn.experiment.trained import Trained
from kcnn.exporting.saved_model import Servable
from kcnn.exporting.verify import Case
from kcnn.recipes import Recipe

EXAMPLES = 64
"""How many examples the proof is made with; a generator's are codes, all others real ones."""


class Exporter:
    """A finished run with its recipe and data; `cases` are made of the last split."""

    examples = EXAMPLES

    def __init__(self, run: Trained, recipe: Recipe, source: Source):
        self.run = run
        self.recipe = recipe
        self.shown = list(source.splits.values())[-1].some(self.examples)

    def module(self) -> Servable:
        """What is written."""
        raise NotImplementedError

    def cases(self) -> list[Case]:
        """What it must answer."""
        raise NotImplementedError

    def _encoded(self) -> list[bytes]:
        return [self.shown.encoded(index) for index in range(len(self.shown))]

    def _images(self) -> np.ndarray:
        return self.shown.images(np.arange(len(self.shown)))

    def _bytes(self) -> dict[str, Any]:
        return {"image_bytes": self._encoded()}


def named(logits: tf.Tensor, classes: Sequence[str]) -> dict[str, np.ndarray]:
    """What a classifier answers."""
    probabilities = tf.nn.softmax(tf.cast(logits, tf.float32)).numpy()
    names = np.array([name.encode() for name in classes], object)
    return {
        "probabilities": probabilities,
        "class_names": np.tile(names, (len(probabilities), 1)),
        "class_name": names[probabilities.argmax(-1)],
    }
