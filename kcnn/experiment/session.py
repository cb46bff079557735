"""One run being trained: everything between the recipe and its record. Imported after TensorFlow."""

import json
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from kcnn import models
from kcnn.data import address
from kcnn.data.source import Source
from kcnn.errors import DataError, InputError, InterruptedRun
from kcnn.experiment import environment, pretrained, start, startup, tasks, vectors
from kcnn.experiment.budget import steps_within
from kcnn.experiment.facts import known
from kcnn.experiment.folder import RunFolder
from kcnn.experiment.head import as_it_is, fit_head
from kcnn.experiment.listener import Listener
from kcnn.experiment.result import Result
from kcnn.experiment.tasks import Measured
from kcnn.layers.precision import precision
from kcnn.plots import confusion, curves
from kcnn.plots.figure import save as save_figure
from kcnn.recipes import flatten, to_json
from kcnn.recipes.recipe import Data
from kcnn.tracking.delivery import Delivery
from kcnn.tracking.journal import Journal
from kcnn.training.clock import usual
from kcnn.training.pace import Pace
from kcnn.training.strategies import describe, strategy
from kcnn.training.trainer import Report, Stopped, Trainer
from kcnn.transfer import stages
from kcnn.workspace import Workspace, atomic_file


class Session:
    """Builds a recipe's parts, trains, evaluates, and writes down what happened as it happens."""

    def __init__(
        self,
        folder: RunFolder,
        workspace: Workspace,
        listener: Listener,
        stop: threading.Event,
        sources: Mapping[Data, Source],
    ):
        self.folder = folder
        self.workspace = workspace
        self.listener = listener
        self.stop = stop
        self.sources = sources
        self.recipe = folder.recipe()
        self.plan = self.recipe.train
        self.transfer = self.recipe.transfer
        self.pretrained = pretrained.of(self.recipe, workspace)
        self.head_seconds = 0.0
        self.journal = Journal(folder.path)

    def train(self) -> Result:
        """From the recipe, or from the checkpoint, to the result."""
        self.folder.clean()
        terms = self.folder.read("terms") or {}
        startup.seed_everything(self.plan.seed, self.plan.deterministic)
        self.source = self._read()
        self._same_data(terms.get("fingerprint"))
        if self.plan.patience and not self.source.choosing:
            raise InputError("train.patience has nothing to stop by: data.validation holds no part of train out")
        self.strategy = strategy()
        self.model = self._build(self.plan.precision)
        self.task = self._task()
        self.pace = self._pace()
        if not (self.folder.path / "checkpoint.npz").exists():
            self._begin()
        if terms.get("minutes") is not None and self._learns():
            self._fit_budget(terms["minutes"])
            self.folder.write("terms", terms | {"minutes": None})
        if late := [epoch for epoch, _ in self.pace.thawing if epoch >= self.plan.epochs]:
            self.listener.warn(
                f"{self.plan.epochs} epochs end before the lowest {len(late)} stages begin to learn: "
                "transfer.thaw_epochs=0 thaws all at once"
            )
        self.trainer = self._trainer(self.folder.path, self.stop)
        self.trainer.restore()
        for note in self.source.notes:
            self.listener.warn(note)
        tags = environment.describe() | {"recipe": self.recipe.name} | terms.get("tags", {})
        self.journal.start(parent=terms.get("parent"), tags=tags)
        with Delivery(self.folder.path, self.workspace, self.listener.warn):
            try:
                return self._record(self.trainer)
            except (Stopped, KeyboardInterrupt):
                self.journal.finish("KILLED")
                raise InterruptedRun(self.folder.name) from None
            except BaseException:
                self.journal.finish("FAILED")
                raise

    def _record(self, trainer: Trainer) -> Result:
        """Fit and evaluate, recording."""
        facts = known(self.recipe, self.task, self._counted(), describe(self.strategy))
        self.journal.params(flatten(to_json(self.recipe)) | facts)
        self.journal.artifact(self.folder.path / "recipe.json")
        self.listener.begin(self.folder.name, facts)
        self._figure("first_batch", self.task.draw_batch())
        validate = self._validate if self.source.choosing else None
        if self._learns():
            progress = trainer.fit(self._batches, validate, self)
        else:
            self.listener.preparing("measuring the fitted head")
            progress = as_it_is(trainer, self.task, validate, self)
        self.listener.preparing("evaluating every split")
        found = {split: self.task.measured(trainer, split) for split in self.source.splits}
        metrics = {f"{split}_{name}": value for split, one in found.items() for name, value in one.metrics.items()}
        closing = self.task.closing(trainer)
        metrics |= closing.metrics
        self._save_model()
        self._draw(progress.history, list(found.values())[-1], closing)
        seconds = progress.seconds + self.head_seconds
        metrics |= {"seconds": seconds, "images_per_second": usual(progress.history, "images_per_second")}
        if "waiting" in progress.history[-1]:
            metrics["waiting"] = usual(progress.history, "waiting")
        self.journal.metrics({f"final_{name}": value for name, value in metrics.items()}, step=progress.epoch - 1)
        result = Result(
            run=self.folder.name,
            recipe=self.recipe,
            metrics={name: value for name, value in metrics.items() if name != "seconds"},
            facts=facts,
            seconds=seconds,
            paths={"run": str(self.folder.path), "model": str(self.folder.model)},
        )
        self.folder.write("result", result.stored())
        self.journal.artifact(self.folder.path / "result.json")
        self.journal.finish("FINISHED")
        return result

    def step(self, report: Report) -> None:
        """The trainer's word, passed on."""
        self.listener.step(report)

    def epoch(self, epoch: int, metrics: dict[str, float]) -> None:
        """The trainer's word, recorded under the name of the split that was measured, and passed on."""
        measured = f"{self.source.choosing}_"
        self.journal.metrics({name.replace("val_", measured): value for name, value in metrics.items()}, step=epoch)
        for name, figure in self.task.draw_epoch(self.trainer).items():
            self._figure(f"{name}_{epoch + 1:03}", figure, "epochs")
        self.listener.epoch(epoch, metrics)

    def _read(self) -> Source[Any, Any]:
        if self.recipe.data in self.sources:
            return self.sources[self.recipe.data]
        pixels = pretrained.presented(self.pretrained) if self.pretrained else tasks.presented(self.recipe)
        pixels = pixels or start.presented(self.recipe, self.workspace)
        return address.load(self.recipe.data, self.listener.reading, pixels)

    def _build(self, policy: str) -> keras.Model:
        with precision(policy):
            if self.pretrained and self.transfer:
                shape, classes = self.source.preprocessing.shape, len(self.source.classes)
                return pretrained.cut_network(self.pretrained, self.transfer, shape, classes)
            return models.build(self.recipe.model.name, self.source.example_shape, **self._options())

    def _options(self) -> dict[str, Any]:
        """Those of the network: what it answers, what its data decide, what the recipe says."""
        known = models.variant(self.recipe.model.name).options
        decided = {name: value for name, value in self.source.options.items() if name in known}
        return {"classes": len(self.source.classes), **decided, **self.recipe.model.options}

    def _pace(self) -> Pace:
        if not self.transfer:
            return Pace()
        return Pace(stages.thawing(self.model, self.transfer), stages.rates(self.model, self.transfer))

    def _begin(self) -> None:
        """What the model knows before it is trained."""
        if self.recipe.model.start:
            self.listener.note(start.begin(self.model, self.recipe, self.workspace))
        if told := vectors.begin(self.model, self.recipe, self.source.preprocessing):
            self.listener.note(told)
        begin = time.perf_counter()
        if self.pretrained and self.transfer and self.transfer.head == "fitted":
            terms = (self.source, self.plan.seed, self.workspace, self.listener, self.stop)
            fit_head(self.model, self.pretrained, self.transfer, *terms)
        self.head_seconds = time.perf_counter() - begin

    def _learns(self) -> bool:
        return self.transfer is None or stages.learns(self.model, self.transfer)

    def _task(self) -> tasks.Task:
        terms = tasks.Terms(self.recipe, self.source, self.strategy.num_replicas_in_sync)
        return tasks.implementation(self.recipe)(terms, self.model)

    def _trainer(self, folder: Path, stop: threading.Event, pace: Pace | None = None) -> Trainer:
        return Trainer(
            self.model,
            self.plan,
            self.recipe.optimizer,
            self.recipe.schedule,
            self.source.preprocessing.standardize,
            self.strategy,
            self.task.steps_per_epoch,
            folder,
            stop,
            pace or self.pace,
            self.task.objective,
        )

    def _batches(self, epoch: int, start: int) -> tf.data.Dataset:
        return self.task.training(epoch, start).dataset

    def _after_an_epoch(self, trainer: Trainer) -> dict[str, float]:
        """All that comes at the end of an epoch and takes time."""
        for figure in self.task.draw_epoch(trainer).values():
            save_figure(figure, trainer.folder / "trial.png")
        return self._validate(trainer) if self.source.choosing else {}

    def _validate(self, trainer: Trainer) -> dict[str, float]:
        found = self.task.measured(trainer, str(self.source.choosing))
        return {f"val_{name}": value for name, value in found.metrics.items()}

    def _save_model(self) -> None:
        """What of the trained model is kept, in float32, whatever it was trained in."""
        plain = self.model
        if self.plan.precision != "float32":
            plain = self._build("float32")
            plain.set_weights(self.model.get_weights())
        with atomic_file(self.folder.model) as temporary:
            self.task.saved(plain).save(temporary)
        self.journal.artifact(self.folder.model, "model")

    def _counted(self) -> keras.Model:
        """What of the model is kept, for examples of a usual size."""
        if None not in self.source.example_shape:
            return self.task.saved(self.model)
        return models.build_without_weights(self.recipe.model.name, self.source.typical_shape, **self._options())

    def _same_data(self, expected: str | None) -> None:
        """Write down the data at the first start, hold it against what was written then, or was said before."""
        if stored := self.folder.read("source"):
            expected = stored["fingerprint"]
        if expected not in (None, self.source.fingerprint):
            raise DataError(f"{self.source.address} has changed since {self.folder.name} was started: start a new run")
        self.folder.write("source", self.source.to_json())

    def _fit_budget(self, minutes: float) -> None:
        """Choose the number of steps that take about so long, and make it part of the recipe."""
        self.listener.preparing("trying how many steps fit into the time")
        fresh = self.model.get_weights()
        with tempfile.TemporaryDirectory(prefix="trial-", dir=self.folder.path) as folder:
            trial = self._trainer(Path(folder), threading.Event(), self.pace.thawed())
            steps = steps_within(minutes, trial, self._batches, self._after_an_epoch)
        self.model.set_weights(fresh)
        epochs = -(-steps // trial.steps_per_epoch)
        self.plan = replace(self.plan, epochs=epochs, steps=steps)
        # A rise that was meant for a longer training must not be all there is.
        warmup = min(self.recipe.schedule.warmup_epochs, 0.1 * steps / trial.steps_per_epoch)
        schedule = replace(self.recipe.schedule, warmup_epochs=warmup)
        self.recipe = replace(self.recipe, train=self.plan, schedule=schedule)
        self.folder.write("recipe", to_json(self.recipe))

    def _draw(self, history: list[dict[str, float]], last: Measured, closing: tasks.Closing) -> None:
        for name, figure in {"curves": curves.curves(history, self.task.blind_loss), **closing.figures}.items():
            self._figure(name, figure)
        for name, values in closing.kept.items():
            self.folder.write(name, values)
            self.journal.artifact(self.folder.path / f"{name}.json")
        for name, content in closing.made.items():
            self._keep(name, content)
        if last.counts is None:
            return
        self._figure("confusion", confusion.confusion(last.counts, self.source.classes))
        with atomic_file(self.folder.path / "confusion.json") as path:
            path.write_text(json.dumps({"classes": list(self.source.classes), "counts": last.counts.tolist()}))
        self.journal.artifact(self.folder.path / "confusion.json")

    def _keep(self, name: str, content: bytes) -> None:
        """A file that the trained model has made."""
        path = self.folder.path / "made" / name
        path.parent.mkdir(exist_ok=True)
        with atomic_file(path) as temporary:
            temporary.write_bytes(content)
        self.journal.artifact(path, "made")

    def _figure(self, name: str, figure: Any, below: str = "") -> None:
        path = self.folder.path / below / f"{name}.png"
        save_figure(figure, path)
        self.journal.artifact(path, f"figures/{below}".rstrip("/"))
