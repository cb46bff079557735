"""How fast an epoch goes."""

import math
import time
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf


class Clock:
    """Measures an epoch from its second step on: the first one traces and compiles."""

    def __init__(self, step: int, count: float):
        self._first = step + 1
        self._begin = time.perf_counter()
        self._steady = self._begin
        self._before = count
        self._skipped = count
        self._last = {"report": self._begin, "checkpoint": self._begin}

    def first_step_is_over(self, step: int, sums: tf.Tensor) -> bool:
        """Whether the step was this process's first; from it on the speed is measured."""
        if step != self._first:
            return False
        self._skipped = float(sums[-1])
        self._steady = time.perf_counter()
        return True

    def elapsed(self) -> float:
        """Seconds since the epoch began, or was gone on with."""
        return time.perf_counter() - self._begin

    def rate(self, count: float) -> float:
        """Images a second where `count` images of the epoch are done; not a number where this process did none."""
        if count > self._skipped > self._before:
            return (count - self._skipped) / max(time.perf_counter() - self._steady, 1e-9)
        return (count - self._before) / max(self.elapsed(), 1e-9) if count > self._before else math.nan

    def due(self, what: str, seconds: float) -> bool:
        """Whether `what` was last due so many seconds ago; it is due again after as many."""
        now = time.perf_counter()
        if now - self._last[what] < seconds:
            return False
        self._last[what] = now
        return True


def usual_speed(history: Sequence[Mapping[str, float]]) -> float:
    """The median over the epochs; an epoch that was gone on with at its end has none."""
    known = [speed for epoch in history if math.isfinite(speed := epoch["images_per_second"])]
    return float(np.median(known)) if known else math.nan
