"""How many steps fit into some minutes on this machine: tried, not guessed."""

import time
from contextlib import suppress

from kcnn.training.trainer import Batches, Evaluate, Report, Stopped, Trainer

TRIAL_SECONDS = 6.0
"""How long the trial trains; the first step, which traces, comes on top."""


def steps_within(minutes: float, trainer: Trainer, batches: Batches, evaluate: Evaluate | None) -> int:
    """Steps of a training, with what comes at the end of each epoch, that take about `minutes`; at least one.

    `trainer` is used up by the trial: train with another.
    """
    trial = _Trial(trainer)
    with suppress(Stopped):
        trainer.fit(batches, evaluate, trial)
    per_epoch, seconds = trainer.steps_per_epoch, minutes * 60
    if len(trial.ends) > 2:
        epoch = (trial.ends[-1] - trial.ends[0]) / (len(trial.ends) - 1)
        # What the first epoch took longer is tracing, which comes again.
        once = trial.ends[0] - trial.begin - epoch
        return max(round((seconds - min(once, seconds / 2)) / epoch * per_epoch), 1)
    step, checking = trial.step_seconds(), 0.0
    seconds -= min(trial.first_step_seconds(), seconds / 2)
    if evaluate:
        evaluate(trainer)
        begin = time.perf_counter()
        evaluate(trainer)
        checking = time.perf_counter() - begin
    epoch = per_epoch * step + checking
    steps = seconds / epoch * per_epoch if seconds > epoch else (seconds - checking) / step
    return max(round(steps), 1)


class _Trial:
    """Notes when what was reached, and ends the trial when it has seen enough."""

    def __init__(self, trainer: Trainer):
        self._stop = trainer.stop
        self.begin = time.perf_counter()
        self._reports: list[tuple[int, float]] = []
        self.ends: list[float] = []

    def step(self, report: Report) -> None:
        """The first report comes soon after the first step."""
        self._reports.append((report.done, time.perf_counter()))
        self._end_if_enough()

    def epoch(self, epoch: int, metrics: dict[str, float]) -> None:
        """An epoch is over, its validation included."""
        self.ends.append(time.perf_counter())
        self._end_if_enough()

    def first_step_seconds(self) -> float:
        """How long it took until the first step was done."""
        return self._reports[0][1] - self.begin if self._reports else 0.0

    def step_seconds(self) -> float:
        """Seconds a step takes once everything is warm."""
        warm = [report for report in self._reports if report[1] > self._reports[0][1] + 1.0] or self._reports
        if len(warm) < 2:
            return (time.perf_counter() - self.begin) / max(self._reports[-1][0] if self._reports else 1, 1)
        (first, begin), (last, end) = warm[0], warm[-1]
        return (end - begin) / (last - first)

    def _end_if_enough(self) -> None:
        first = min(moment for moment in (*self.ends[:1], *(moment for _, moment in self._reports[:1])))
        if time.perf_counter() - first > TRIAL_SECONDS:
            self._stop.set()
