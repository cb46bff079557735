"""How many steps fit into some minutes on this machine: measured, not guessed."""

import statistics
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

    # A GPU answers before it has computed: only the numbers themselves mean that a step is over.
    def train(batch: Any) -> None:
        trainer.step.train(batch).numpy()

    def predict(batch: Any) -> None:
        logits, *_ = trainer.step.predict(batch)
        for part in trainer.strategy.experimental_local_results(logits):
            part.numpy()

    step = _seconds_each(train, trainer.distributed(training.dataset))
    checking = 0.0
    if validation:
        checking = validation.count * _seconds_each(predict, trainer.distributed(validation.dataset))
    return max(int(minutes * 60 / (step + checking / per_epoch)), 1)


def _seconds_each(call: Callable[[Any], Any], elements: Iterator[Any]) -> float:
    """Seconds a call takes as a rule, once it has been traced: the median over a few seconds or all elements."""
    element = next(elements)
    call(element)
    begin = time.perf_counter()
    seconds: list[float] = []
    while not seconds or time.perf_counter() - begin < _MEASURE_SECONDS:
        element = next(elements, None if seconds else element)
        if element is None:
            break
        before = time.perf_counter()
        call(element)
        seconds.append(time.perf_counter() - before)
    return statistics.median(seconds)
