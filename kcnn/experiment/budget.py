"""How many steps fit into some minutes on this machine: measured, not guessed."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from kcnn.data.pipeline import Batches
from kcnn.training.trainer import Trainer

_WARM_SECONDS = 1.0
_MEASURE_SECONDS = 4.0


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
    """Seconds from one call to the next, the wait for its element included, once everything is warm."""
    first = next(elements)
    call(first)
    times = [time.perf_counter()]
    for element in elements:
        call(element)
        times.append(time.perf_counter())
        if times[-1] - times[0] > _WARM_SECONDS + _MEASURE_SECONDS:
            break
    if len(times) == 1:
        call(first)
        times.append(time.perf_counter())
    # At first batches come out of buffers that were filled while the step was traced.
    cold = sum(moment - times[0] < _WARM_SECONDS for moment in times[:-1])
    warm = times[min(cold, len(times) - 2) :]
    return (warm[-1] - warm[0]) / (len(warm) - 1)
