"""The learning rate of a step, computed in the graph."""

import math
from typing import Any

import keras
from keras import ops

from kcnn.recipes.optimize import Constant, Cosine, Schedule, Steps


class LearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """A recipe's schedule over `total_steps`, after a linear warm-up of its own number of epochs.

    `begin` is the step at which the optimizer that calls it began to count.
    """

    def __init__(self, peak: float, schedule: Schedule, steps_per_epoch: int, total_steps: int):
        self.peak = peak
        self.schedule = schedule
        self.warmup_steps = round(schedule.warmup_epochs * steps_per_epoch)
        self.total_steps = total_steps
        self.begin = 0

    def __call__(self, step: Any) -> Any:
        """The rate for the optimizer's update numbered `step`, counted from 0."""
        return self.at(step + self.begin)

    def at(self, step: Any) -> Any:
        """The rate for the training's update numbered `step`, counted from 0."""
        step = ops.cast(step, "float32")
        rate = self.peak * self._factor(step)
        if not self.warmup_steps:
            return rate
        return ops.where(step < self.warmup_steps, self.peak * (step + 1.0) / self.warmup_steps, rate)

    def _factor(self, step: Any) -> Any:
        match self.schedule:
            case Constant():
                return ops.ones_like(step)
            case Cosine(final=final):
                span = max(self.total_steps - self.warmup_steps, 1)
                progress = ops.clip((step - self.warmup_steps) / span, 0.0, 1.0)
                return final + (1.0 - final) * 0.5 * (1.0 + ops.cos(math.pi * progress))
            case Steps(at=at, factor=factor):
                passed = [ops.cast(step >= fraction * self.total_steps, "float32") for fraction in at]
                return factor ** sum(passed, ops.zeros_like(step))
        raise TypeError(f"no schedule for {type(self.schedule).__name__}")
