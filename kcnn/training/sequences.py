"""Objectives of sequences: numbers for a whole series, a class or numbers for each of its steps, what comes next."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kcnn.training.objectives import WHOLE, Judgement


class _Answered:
    """Evaluation asks for the answers as they are, in float32."""

    in_training = False

    def inputs(self, seen: tf.Tensor, truth: Any) -> tf.Tensor:
        """The series."""
        return seen

    def evaluated(self, seen: tf.Tensor, truth: Any, answered: tf.Tensor) -> tf.Tensor:
        """The answers."""
        return tf.cast(answered, tf.float32)


class Regression(_Answered):
    """Numbers (N, outputs) for each series: the squared error, the mean over the outputs.

    The network answers in units of the targets' standard deviation, and so is what is minimised: it learns alike
    whatever their unit. What is reported is in that unit. `in_units` turns what is answered into it.
    """

    reported: tuple[str, ...] = ("loss",)

    def __init__(self, in_units: Callable[[tf.Tensor], tf.Tensor] = tf.identity, deviations: Sequence[float] = ()):
        self._in_units = in_units
        self._deviations = np.asarray(deviations or 1.0, np.float32)

    def judge(self, seen: tf.Tensor, truth: tf.Tensor, answered: tf.Tensor) -> Judgement:
        """Mean squared error."""
        errors = truth - self.evaluated(seen, truth, answered)
        minimised = tf.reduce_mean(tf.square(errors / self._deviations), -1)
        return Judgement({WHOLE: minimised}, (tf.reduce_mean(tf.square(errors), -1),))

    def evaluated(self, seen: tf.Tensor, truth: tf.Tensor, answered: tf.Tensor) -> tf.Tensor:
        """The answers, in the unit of the targets."""
        return self._in_units(tf.cast(answered, tf.float32))


class _OfSteps(_Answered):
    """What is minimised is a mean over steps: a series weighs as much as it has steps, against `mean_steps`.

    Truth is `values`, and `weights` (N, steps): 1, or 0 where the series is over.
    """

    def __init__(self, mean_steps: float):
        self.mean_steps = mean_steps

    def _of_series(self, steps: tf.Tensor, truth: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Values of steps (N, steps), of each series."""
        return tf.reduce_sum(truth["weights"] * steps, -1) / self.mean_steps


class Labelling(_OfSteps):
    """A class for each step: `values` (N, steps), by logits (N, steps, classes)."""

    reported: tuple[str, ...] = ("loss", "accuracy")

    def judge(self, seen: tf.Tensor, truth: Mapping[str, tf.Tensor], answered: tf.Tensor) -> Judgement:
        """Cross-entropy, and the share of the steps that is right."""
        logits = tf.cast(answered, tf.float32)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(truth["values"], logits)
        right = tf.cast(tf.equal(tf.argmax(logits, -1), truth["values"]), tf.float32)
        loss = self._of_series(losses, truth)
        return Judgement({WHOLE: loss}, (loss, self._of_series(right, truth)))


class Prediction(_OfSteps):
    """What comes next: `values` (N, steps, channels) of 0s and 1s, by as many logits: minus a step's log-likelihood."""

    reported: tuple[str, ...] = ("loss",)

    def judge(self, seen: tf.Tensor, truth: Mapping[str, tf.Tensor], answered: tf.Tensor) -> Judgement:
        """Binary cross-entropy, summed over the channels, in nats."""
        logits = tf.cast(answered, tf.float32)
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=truth["values"], logits=logits)
        loss = self._of_series(tf.reduce_sum(losses, -1), truth)
        return Judgement({WHOLE: loss}, (loss,))


class Autoregression(_OfSteps):
    """The code that comes next: `values` (N, steps) by logits (N, steps, codes); all else that is true is told."""

    reported: tuple[str, ...] = ("loss", "bits")

    def inputs(self, seen: tf.Tensor, truth: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Codes, each a step late, and what is told."""
        told = {name: value for name, value in truth.items() if name not in ("values", "weights")}
        return {"codes": seen, **told}

    def judge(self, seen: tf.Tensor, truth: Mapping[str, tf.Tensor], answered: tf.Tensor) -> Judgement:
        """Cross-entropy, in nats and in bits."""
        logits = tf.cast(answered, tf.float32)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(truth["values"], logits)
        loss = self._of_series(losses, truth)
        return Judgement({WHOLE: loss}, (loss, loss / math.log(2.0)))

    def evaluated(self, seen: tf.Tensor, truth: Mapping[str, tf.Tensor], answered: tf.Tensor) -> tf.Tensor:
        """Cross-entropy of each step (N, steps): the logits of a split would not fit into memory."""
        logits = tf.cast(answered, tf.float32)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(truth["values"], logits)


class Forecasting(_OfSteps):
    """How series go on: `values` (N, steps, targets), standardised, by as many numbers: the absolute error."""

    reported: tuple[str, ...] = ("loss",)

    def judge(self, seen: tf.Tensor, truth: Mapping[str, tf.Tensor], answered: tf.Tensor) -> Judgement:
        """Mean absolute error, the mean over the targets."""
        errors = tf.reduce_mean(tf.abs(truth["values"] - tf.cast(answered, tf.float32)), -1)
        loss = self._of_series(errors, truth)
        return Judgement({WHOLE: loss}, (loss,))
