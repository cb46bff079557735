"""How many steps fit into some minutes on this machine: measured, not guessed."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from kcnn.data.pipeline import Batches
from kcnn.training.trainer import Trainer

_MEASURE_SECONDS = 3.0


def steps_within(
    minutes: float, trainer: Trainer, training: Batches, validation: Batches | None, per_epoch: int
) -> int:
    """Steps of training, validation after every epoch included, that take about `minutes`; at least one.

    `trainer` is used up by the measurement: train with another.
    """
    step = _seconds_each(trainer.step.train, trainer.distributed(training.dataset))
    checking = 0.0
    if validation:
        checking = validation.count * _seconds_each(trainer.step.predict, trainer.distributed(validation.dataset))
    return max(int(minutes * 60 / (step + checking / per_epoch)), 1)


def _seconds_each(call: Callable[[Any], Any], elements: Iterator[Any]) -> float:
    """Seconds a call takes once it has been traced, over a few seconds or all elements."""
    first = next(elements)
    call(first)
    begin, count = time.perf_counter(), 0
    for element in elements:
        call(element)
        count += 1
        if time.perf_counter() - begin > _MEASURE_SECONDS:
            break
    if not count:
        begin, count = time.perf_counter(), 1
        call(first)
    return (time.perf_counter() - begin) / count
