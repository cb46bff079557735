"""A trained network that says how series go on, step after step: what it has said is fed back. After TensorFlow."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from kcnn.data.forecasts import ForecastPreparation
from kcnn.models.fields import receptive_fields

_TOGETHER = 1024
"""From how many origins forecasts are made at a time."""


class Forecaster:
    """A network behind its preparation, levels on both sides.

    It is shown the last `seen` changes before an origin: as many as it can see, or, where that is all of a series, as
    many as a training window has. A condition that is not forecast is taken to stay where it is.
    """

    def __init__(self, model: keras.Model, preparation: ForecastPreparation):
        self.preparation = preparation
        self.seen = field(model) or preparation.length
        self._last = _last_answer(model, preparation)

    def ahead(self, levels: np.ndarray, origins: np.ndarray, steps: int) -> np.ndarray:
        """Levels (origins, steps, targets) after each of the steps `origins` of levels (T, series), from 1 on.

        They are infinite where what is fed back leads beyond all numbers.
        """
        changes = self.preparation.changed(levels)
        found = np.zeros((len(origins), steps, self.preparation.targets))
        # Before the beginning there is nothing, not a change of 0: who has seen less gets a shorter series.
        lengths = np.minimum(origins, self.seen)
        for length in np.unique(lengths):
            chosen = np.flatnonzero(lengths == length)
            for part in np.array_split(chosen, -(-len(chosen) // _TOGETHER)):
                windows = changes[np.add.outer(origins[part], np.arange(-length, 0))]
                with np.errstate(over="ignore", invalid="ignore"):
                    found[part] = self._fed_back(levels[origins[part]], windows, steps)
        return np.where(np.isnan(found), np.inf, found)

    def _fed_back(self, levels: np.ndarray, seen: np.ndarray, steps: int) -> np.ndarray:
        """From levels (n, series) and the changes (n, length, series) that led to them."""
        preparation, targets = self.preparation, self.preparation.targets
        found = []
        for _ in range(steps):
            changes = preparation.unmoved(levels)
            changes[:, :targets] = preparation.plain(self._last(tf.constant(seen)).numpy())
            levels = preparation.moved(levels, changes)
            seen = np.concatenate([seen, changes[:, np.newaxis]], 1)[:, -self.seen :]
            found.append(levels[:, :targets])
        return np.stack(found, 1)


def field(model: keras.Model) -> int | None:
    """How many steps an answer depends on; None for all there are."""
    return receptive_fields(model)["logits"].size


def _last_answer(model: keras.Model, preparation: ForecastPreparation) -> Callable[[tf.Tensor], tf.Tensor]:
    def answer(changes: tf.Tensor) -> tf.Tensor:
        return tf.cast(model(preparation.standardize(changes), training=False)[:, -1], tf.float32)

    return tf.function(answer, input_signature=[tf.TensorSpec((None, *preparation.shape), tf.float64)], autograph=False)
