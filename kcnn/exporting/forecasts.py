"""A network that forecasts as a SavedModel: levels in, the levels of the next steps with intervals out."""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from kcnn.data.forecasts import ForecastPreparation


class Continuation(tf.Module):
    """A Keras model that is fed what it has said. `serving_default` takes `levels`, float64 (N, any, series).

    The series are in the order of training, targets first; `seen` changes before the end are looked at. It answers
    `forecast` (N, steps, targets), float64, infinite where it runs away, `names` (N, targets), and for each coverage in
    `radii` (steps, targets) the ends of the intervals, such as `lower_80` and `upper_80`. Levels that are not finite,
    have no logarithm where that is needed, or are fewer than two are refused.

    `reading` answers how a file is read as training read it: `series` (N, series), the names in that order, `date`, the
    column of dates, "" where that is called so, and `gaps`, "refuse" or "hold". It takes `question` (N,), whatever it
    says: TF Serving asks no signature without inputs.
    """

    signatures = ("serving_default", "reading")

    def __init__(
        self,
        model: keras.Model,
        preparation: ForecastPreparation,
        seen: int,
        steps: int,
        radii: Mapping[str, np.ndarray],
        date: str | None = None,
        gaps: str = "refuse",
    ):
        super().__init__()
        # Only the variables: a Keras model tracked here would be saved with functions of its own.
        self.weights = [variable.value for variable in model.variables]
        self._model = lambda changes: model(changes, training=False)
        self._preparation = preparation
        self._seen = seen
        self._steps = steps
        self._radii = {name: np.asarray(values, np.float64) for name, values in radii.items()}
        self._series = tf.constant(list(preparation.series))
        self._read = {"date": date or "", "gaps": gaps}
        levels = tf.TensorSpec([None, None, len(preparation.series)], tf.float64, "levels")
        question = tf.TensorSpec([None], tf.string, "question")
        self.serving_default = tf.function(self._levels, input_signature=[levels], autograph=False)
        self.reading = tf.function(self._reading, input_signature=[question], autograph=False)

    def _levels(self, levels: tf.Tensor) -> dict[str, tf.Tensor]:
        checks = [
            tf.debugging.Assert(tf.reduce_all(tf.math.is_finite(levels)), ["a level is not finite"]),
            tf.debugging.Assert(tf.shape(levels)[1] > 1, ["a change needs two steps of levels"]),
        ]
        if self._preparation.changes == "log":
            checks.append(tf.debugging.Assert(tf.reduce_all(levels > 0), ["a level has no logarithm"]))
        with tf.control_dependencies(checks):
            levels = tf.identity(levels)
        forecast = self._fed_back(levels)
        names = self._series[: self._preparation.targets]
        answer = {"forecast": forecast, "names": tf.tile(names[tf.newaxis], [tf.shape(levels)[0], 1])}
        for name, radius in self._radii.items():
            lower, upper = (self._preparation.around(forecast, tf.constant(way * radius)) for way in (-1, 1))
            answer |= {f"lower_{name}": lower, f"upper_{name}": upper}
        return answer

    def _reading(self, question: tf.Tensor) -> dict[str, tf.Tensor]:
        read = {name: tf.fill(tf.shape(question), value) for name, value in self._read.items()}
        return {"series": tf.tile(self._series[tf.newaxis], [tf.size(question), 1]), **read}

    def _fed_back(self, levels: tf.Tensor) -> tf.Tensor:
        """The targets' levels (N, steps, targets) after the last of levels (N, any, series)."""
        targets, kind = self._preparation.targets, self._preparation.changes
        mean, std = np.asarray(self._preparation.mean)[:targets], np.asarray(self._preparation.std)[:targets]
        seen, last = self._preparation.changed(levels)[:, -self._seen :], levels[:, -1]
        found = []
        for _ in range(self._steps):
            answered = self._model(self._preparation.standardize(seen))[:, -1]
            changes = tf.cast(answered, tf.float64) * std + mean
            said = self._preparation.moved(last[:, :targets], changes)
            others = last[:, targets:] if kind == "none" else tf.zeros_like(last[:, targets:])
            seen = tf.concat([seen, tf.concat([changes, others], -1)[:, tf.newaxis]], 1)[:, -self._seen :]
            last = tf.concat([said, last[:, targets:]], -1)
            found.append(said)
        forecast = tf.stack(found, 1)
        # What is fed back may lead beyond all numbers, and there cancel out.
        return tf.where(tf.math.is_nan(forecast), tf.constant(np.inf, tf.float64), forecast)
