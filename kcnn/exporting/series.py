"""A network of series as a SavedModel: series in, names, numbers, or an answer for every step out."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from kcnn.data.series import SeriesPreparation
from kcnn.exporting.classifier import named

REFUSED = {
    "refuse": "a series has a gap or a value that is not finite, and the network has learned from none that has",
    "hold": "a series begins with a gap, where there is nothing to hold, or has a value that is not finite",
    "mean": "a series has a value that is not finite",
}
"""What is said where a series cannot be used, by what training did with gaps."""


def held(series: tf.Tensor) -> tf.Tensor:
    """Series (N, steps, channels) in which NaN gives way to the value before it, wherever there is one."""

    def reach(step: tf.Tensor, known: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # After each turn a value has reached twice as many steps ahead.
        before = tf.pad(known[:, :-step], [[0, 0], [step, 0], [0, 0]], constant_values=np.nan)
        return 2 * step, tf.where(tf.math.is_nan(known), before, known)

    steps = tf.shape(series)[1]
    first = (tf.constant(1), series)
    return tf.while_loop(lambda step, _: step < steps, reach, first, (tf.TensorShape([]), series.shape))[1]


class Reader(tf.Module):
    """A Keras model behind its standardisation. `serving_default` takes `series`, float32 (N, any, channels).

    A series is brought to the network's length as in training: a shorter one begins with nothing, of a longer one the
    last steps are seen. What is missing, NaN, is filled as it was in training, or refused where it was refused there.
    A series without steps, or with an infinite value, is refused.
    """

    signatures = ("serving_default",)

    def __init__(self, model: keras.Model, preparation: SeriesPreparation, answers: Sequence[str]):
        super().__init__()
        # Only the variables: a Keras model tracked here would be saved with functions of its own.
        self.weights = [variable.value for variable in model.variables]
        self._model = lambda series: model(series, training=False)
        self._preparation = preparation
        self._names = tf.constant(list(answers))
        series = tf.TensorSpec([None, None, preparation.channels], tf.float32, "series")
        self.serving_default = tf.function(self._series, input_signature=[series], autograph=False)

    def _series(self, series: tf.Tensor) -> dict[str, tf.Tensor]:
        gaps = self._preparation.gaps
        series = held(series) if gaps == "hold" else series
        usable = [
            tf.debugging.Assert(tf.shape(series)[1] > 0, ["a series has no steps"]),
            tf.debugging.Assert(
                tf.reduce_all(tf.math.is_finite(series) | (tf.math.is_nan(series) & (gaps == "mean"))), [REFUSED[gaps]]
            ),
        ]
        with tf.control_dependencies(usable):
            fitted = self._preparation.fitted(series)
        return self._answer(tf.cast(self._model(self._preparation.standardize(fitted)), tf.float32))

    def _answer(self, answered: tf.Tensor) -> dict[str, tf.Tensor]:
        raise NotImplementedError

    def _named(self, answered: tf.Tensor) -> tf.Tensor:
        """The names of what is answered, for each series."""
        return tf.tile(self._names[tf.newaxis], [tf.shape(answered)[0], 1])


class SeriesClassifier(Reader):
    """Answers as a classifier of images does."""

    def _answer(self, answered: tf.Tensor) -> dict[str, tf.Tensor]:
        return named(answered, self._names)


class Regressor(Reader):
    """Answers `values` (N, outputs), and their `names`, the same for each."""

    def _answer(self, answered: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"values": self._preparation.in_units(answered), "names": self._named(answered)}


class Labeller(Reader):
    """Answers `labels` (N, steps) with their `probability` (N, steps)."""

    def _answer(self, answered: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities = tf.nn.softmax(answered)
        best = tf.argmax(probabilities, axis=-1)
        return {"labels": tf.gather(self._names, best), "probability": tf.reduce_max(probabilities, axis=-1)}


class Predictor(Reader):
    """Answers `next` (N, steps, channels), the probability of each channel being 1 at the step after, and `names`."""

    def _answer(self, answered: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"next": tf.sigmoid(answered), "names": self._named(answered)}
