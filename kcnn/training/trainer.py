"""The training loop: epochs of steps, validation, early stopping, checkpoints, and word of how it goes."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from kcnn.data.faults import naming_faults
from kcnn.errors import InputError
from kcnn.layers.refresh import refresh
from kcnn.recipes.optimize import Optimizer, Schedule
from kcnn.recipes.train import Train
from kcnn.training import checkpoints
from kcnn.training.clock import Clock
from kcnn.training.losses import cross_entropy
from kcnn.training.normalization import training_copy
from kcnn.training.objectives import Classification, Objective
from kcnn.training.optimizers import l2, optimizer, restart
from kcnn.training.pace import Pace
from kcnn.training.schedules import LearningRate
from kcnn.training.step import Standardize, Step
from kcnn.training.strategies import compiles

CHECKPOINT_SECONDS = 60.0
"""A checkpoint is written after every epoch, and within an epoch this often."""

_REPORT_SECONDS = 0.2


class Diverged(InputError):
    """The loss is no longer a number; the run is recorded as failed."""


class Stopped(Exception):
    """The training was asked to stop; its checkpoint is written."""


@dataclass(frozen=True)
class Report:
    """Where a training stands. `done` and `total` count steps of the whole training.

    `metrics` are the means of what the objective reports over the epoch so far.
    `seconds_left` is to its end at the present speed, validation included; None until that is known.
    """

    epoch: int
    epochs: int
    done: int
    total: int
    metrics: dict[str, float]
    images_per_second: float
    seconds_left: float | None


class Observer(Protocol):
    """Who wants to hear how a training goes."""

    def step(self, report: Report) -> None:
        """Called a few times a second."""

    def epoch(self, epoch: int, metrics: dict[str, float]) -> None:
        """Called after each epoch (counted from 0), before its checkpoint is written."""


Batches = Callable[[int, int], tf.data.Dataset]
"""The batches of an epoch from a step on, each split into as many elements as there are replicas."""

Evaluate = Callable[["Trainer"], dict[str, float]]
"""Metrics on the split that choices are made by, among them `val_loss`."""


class Trainer:
    """Fits a model; killed at any moment and made anew on the same folder, it goes on as if nothing had happened.

    The model is trained as a copy made in the strategy's scope; `fit` ends by writing the weights back into it.
    """

    def __init__(
        self,
        model: keras.Model,
        plan: Train,
        optimizer_record: Optimizer,
        schedule: Schedule,
        standardize: Standardize,
        strategy: tf.distribute.Strategy,
        steps_per_epoch: int,
        folder: Path,
        stop: threading.Event | None = None,
        pace: Pace | None = None,
        objective: Objective | None = None,
    ):
        self.model = model
        self.plan = plan
        self.objective = objective or Classification(cross_entropy(plan.label_smoothing, plan.rubbish))
        self.pace = pace or Pace()
        self.strategy = strategy
        self.folder = folder
        self.steps_per_epoch = steps_per_epoch
        every = plan.epochs * steps_per_epoch
        self.total_steps = min(plan.steps or every, every)
        self.stop = stop or threading.Event()
        self.rate = LearningRate(optimizer_record.lr, schedule, steps_per_epoch, self.total_steps)
        self._record = optimizer_record
        self._standardize = standardize
        with strategy.scope():
            self.trained = training_copy(model, strategy.num_replicas_in_sync)
            self.pace.thawed().freeze(self.trained, 0)
            self.optimizer = optimizer(optimizer_record, self.rate, plan.precision)
            self.optimizer.build(self.trained.trainable_variables)
        self.progress = checkpoints.Progress()
        self._steady: tuple[int, float] | None = None
        self._since = -1
        self._thaw()

    @property
    def checkpoint(self) -> Path:
        """The file that a resumed training starts from."""
        return self.folder / "checkpoint.npz"

    def restore(self) -> None:
        """Go on from the checkpoint, if there is one."""
        if self.checkpoint.exists():
            with self.strategy.scope():
                self.progress = checkpoints.load(self.checkpoint, self._variables())
                refresh(self.trained)
            self._thaw()

    def fit(self, batches: Batches, evaluate: Evaluate | None, observer: Observer) -> checkpoints.Progress:
        """Train to the end of the plan.

        Raises `Diverged` when the loss is not finite, `Stopped` after `stop` is set (resumable).
        """
        while not self.progress.finished:
            self._thaw()
            self._epoch(batches, observer)
            self._end_of_epoch(evaluate, observer)
        if (best := self._best_file()).exists():
            with self.strategy.scope():
                checkpoints.load(best, self.trained.variables)
        self.model.set_weights(self.trained.get_weights())
        return self.progress

    def answers(self, batches: tf.data.Dataset) -> Iterator[tuple[Any, Any]]:
        """What the objective's evaluation asks for, and the truth, a batch at a time; padding is left out."""
        for batch in self.distributed(batches):
            for answer, truth, weights in self.strategy.experimental_local_results(self.step.predict(batch)):
                real = weights.numpy() > 0
                yield tf.nest.map_structure(lambda tensor, real=real: tensor.numpy()[real], (answer, truth))

    def logits(self, batches: tf.data.Dataset) -> tuple[np.ndarray, np.ndarray]:
        """A classifier's logits and labels of every example, in order."""
        logits, labels = zip(*self.answers(batches), strict=True)
        return np.concatenate(logits), np.concatenate(labels)

    def _thaw(self) -> None:
        """Freeze what is frozen in this epoch; where that changes, the optimizer begins anew."""
        since, _ = self.pace.at(self.progress.epoch)
        if since == self._since:
            return
        self._since = since
        self.pace.freeze(self.trained, since)
        self.rate.begin = since * self.steps_per_epoch
        if self._done() == self.rate.begin > 0:
            restart(self.optimizer)
        self.step = Step(
            self.trained,
            self.optimizer,
            self.objective,
            self._standardize,
            self.strategy,
            l2=l2(self._record),
            clip_norm=self.plan.clip_norm,
            factors=self.pace.factors(self.trained),
            jit=compiles(self.strategy, self.trained),
        )

    def _epoch(self, batches: Batches, observer: Observer) -> None:
        """The rest of the epoch that the progress stands in."""
        progress = self.progress
        progress.sums = progress.sums or self._nothing()
        sums = tf.constant(progress.sums, tf.float64)
        clock = Clock(progress.step, progress.sums[-1])
        before = progress.seconds
        dataset = batches(progress.epoch, progress.step)
        self._trace(dataset)
        for batch in clock.waited(self.distributed(dataset)):
            if self._done() >= self.total_steps:
                break
            sums += self.step.train(batch)
            progress.step += 1
            if clock.first_step_is_over(progress.step, sums):
                self._steady = self._steady or (self._done(), time.perf_counter())
            elif clock.due("report", _REPORT_SECONDS):
                progress.sums = _floats(sums)
                observer.step(self._report(clock))
            if self.stop.is_set() or clock.due("checkpoint", CHECKPOINT_SECONDS):
                progress.sums = _floats(sums)
                progress.seconds = before + clock.elapsed()
                self._save()
                if self.stop.is_set():
                    raise Stopped
        progress.sums = _floats(sums)
        progress.seconds = before + clock.elapsed()
        count = progress.sums[-1]
        self.speed = {"images_per_second": clock.rate(count), "waiting": clock.waiting(count)}

    def _trace(self, dataset: tf.data.Dataset) -> None:
        """Where batches are of several lengths, let one graph be for all from the first step on.

        Traced as they come, the first lengths would have graphs of their own, which round otherwise: a training that is
        gone on with begins with others. What several replicas are given has no such specification.
        """
        if not isinstance(dataset, tf.data.Dataset) or self.strategy.num_replicas_in_sync > 1:
            return
        if None in (size for spec in tf.nest.flatten(dataset.element_spec) for size in spec.shape[1:]):
            self.step.train.get_concrete_function(dataset.element_spec)

    def _end_of_epoch(self, evaluate: Evaluate | None, observer: Observer) -> None:
        progress, begin = self.progress, time.perf_counter()
        means = self._means()
        if not math.isfinite(means["loss"]):
            raise Diverged(f"the loss is {means['loss']} in epoch {progress.epoch + 1}: lower optimizer.lr")
        metrics = means | {"learning_rate": float(self.rate.at(self._done() - 1)), **self.speed}
        if evaluate:
            metrics |= evaluate(self)
        progress.history.append(metrics)
        observer.epoch(progress.epoch, metrics)
        self._choose(metrics)
        progress.epoch, progress.step, progress.sums = progress.epoch + 1, 0, ()
        progress.finished = progress.finished or self._done() >= self.total_steps
        progress.seconds += time.perf_counter() - begin
        self._save()

    def _choose(self, metrics: dict[str, float]) -> None:
        """Keep the best weights, and stop when they have not been bettered for `patience` epochs."""
        measure = f"val_{self.plan.best_by}"
        if self.plan.patience is None or measure not in metrics:
            return
        progress = self.progress
        value = -metrics[measure] if self.plan.best_by == "accuracy" else metrics[measure]
        if progress.best is None or value < progress.best[0]:
            progress.best = (value, progress.epoch)
            checkpoints.save(self._best_file(), progress, self.trained.variables)
        progress.finished = progress.epoch - progress.best[1] >= self.plan.patience

    def distributed(self, dataset: tf.data.Dataset) -> Iterator[tuple[tf.Tensor, ...]]:
        """One global batch at a time, a part on each replica. Raises `DataError` for what ends them."""
        if self.strategy.num_replicas_in_sync == 1:
            return naming_faults(dataset)
        return naming_faults(self.strategy.distribute_datasets_from_function(lambda _: dataset))

    def _done(self) -> int:
        return self.progress.epoch * self.steps_per_epoch + self.progress.step

    def _report(self, clock: Clock) -> Report:
        return Report(
            epoch=self.progress.epoch,
            epochs=self.plan.epochs,
            done=self._done(),
            total=int(self.total_steps),
            metrics=self._means(),
            images_per_second=clock.rate(self.progress.sums[-1]),
            seconds_left=self._seconds_left(),
        )

    def _nothing(self) -> tuple[float, ...]:
        """The sums at the beginning of an epoch."""
        return (0.0,) * (len(self.objective.reported) + 1)

    def _means(self) -> dict[str, float]:
        """What the objective reports, over the epoch so far."""
        *sums, count = self.progress.sums
        return {name: value / max(count, 1) for name, value in zip(self.objective.reported, sums, strict=True)}

    def _seconds_left(self) -> float | None:
        """From the speed since the first step of this process, which traces and compiles."""
        if self._steady is None or self._done() <= self._steady[0]:
            return None
        step, moment = self._steady
        return (self.total_steps - self._done()) * (time.perf_counter() - moment) / (self._done() - step)

    def _save(self) -> None:
        checkpoints.save(self.checkpoint, self.progress, self._variables())

    def _variables(self) -> list[keras.Variable]:
        return [*self.trained.variables, *self.optimizer.variables]

    def _best_file(self) -> Path:
        return self.folder / "best.npz"


def _floats(sums: tf.Tensor) -> tuple[float, ...]:
    return tuple(sums.numpy().tolist())
