"""How fast an epoch goes, and how long it waits for data."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
import tensorflow as tf

T = TypeVar("T")


class Clock:
    """Measures an epoch from its second step on: the first one traces and compiles."""

    def __init__(self, step: int, count: float):
        self._first = step + 1
        self._begin = time.perf_counter()
        self._steady = self._begin
        self._before = count
        self._skipped = count
        self._waited, self._unsteady = 0.0, 0.0
        self._last = {"report": self._begin, "checkpoint": self._begin}

    def first_step_is_over(self, step: int, sums: tf.Tensor) -> bool:
        """Whether the step was this process's first; from it on the speed is measured."""
        if step != self._first:
            return False
        self._skipped = float(sums[-1])
        self._unsteady = self._waited
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

    def waited(self, batches: Iterable[T]) -> Iterator[T]:
        """The same; the time until each is there is counted."""
        iterator = iter(batches)
        while True:
            begin = time.perf_counter()
            try:
                batch = next(iterator)
            except StopIteration:
                return
            self._waited += time.perf_counter() - begin
            yield batch

    def waiting(self, count: float) -> float:
        """The share of the time that is spent waiting for the next batch, of the steps that `rate` is of.

        A GPU may be busy meanwhile with what it was given before. That steps on a CPU take longer because batches are
        made on the same cores is not in it.
        """
        if count > self._skipped > self._before:
            return (self._waited - self._unsteady) / max(time.perf_counter() - self._steady, 1e-9)
        return self._waited / max(self.elapsed(), 1e-9) if count > self._before else math.nan

    def due(self, what: str, seconds: float) -> bool:
        """Whether `what` was last due so many seconds ago; it is due again after as many."""
        now = time.perf_counter()
        if now - self._last[what] < seconds:
            return False
        self._last[what] = now
        return True


def usual(history: Sequence[Mapping[str, float]], name: str) -> float:
    """The median over the epochs; an epoch that was gone on with at its end has no speed and no waiting."""
    known = [value for epoch in history if math.isfinite(value := epoch.get(name, math.nan))]
    return float(np.median(known)) if known else math.nan
