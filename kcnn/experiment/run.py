"""Train a recipe: build, fit, evaluate, record."""

import threading
from dataclasses import dataclass
from typing import Any, Protocol

from kcnn.errors import InputError
from kcnn.experiment import check, folder, startup
from kcnn.recipes import Recipe
from kcnn.workspace import Workspace


class Listener(Protocol):
    """Who is told how a run goes; the command line draws a progress bar from it."""

    def preparing(self, what: str) -> None:
        """Something begins that takes seconds and has no steps to count."""

    def begin(self, run: str, facts: dict[str, Any]) -> None:
        """The run has its name, its data and its model."""

    def reading(self, done: int, total: int) -> None:
        """So many examples of the data have been read."""

    def step(self, report: Any) -> None:
        """Where the training stands (`kcnn.training.trainer.Report`); called a few times a second."""

    def epoch(self, epoch: int, metrics: dict[str, float]) -> None:
        """An epoch (counted from 0) is over."""

    def warn(self, message: str) -> None:
        """Something the user should know; the run goes on."""


class Silent:
    """A listener that says nothing."""

    def preparing(self, what: str) -> None:
        """Ignored."""

    def begin(self, run: str, facts: dict[str, Any]) -> None:
        """Ignored."""

    def reading(self, done: int, total: int) -> None:
        """Ignored."""

    def step(self, report: Any) -> None:
        """Ignored."""

    def epoch(self, epoch: int, metrics: dict[str, float]) -> None:
        """Ignored."""

    def warn(self, message: str) -> None:
        """Ignored."""


@dataclass(frozen=True)
class Result:
    """What came of a run. Accuracies in 0..1 for the splits there are; `facts` as recorded."""

    run: str
    recipe: Recipe
    metrics: dict[str, float]
    facts: dict[str, Any]
    seconds: float
    paths: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {"run": self.run, "metrics": self.metrics, "seconds": self.seconds, "paths": self.paths}


def run(
    recipe: Recipe | str,
    *,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    parent: str | None = None,
    minutes: float | None = None,
    stop: threading.Event | None = None,
    **overrides: Any,
) -> Result:
    """Train a recipe, given whole or by name, with `overrides` (`epochs=3`, `optimizer={"lr": 0.01}`) made.

    With `minutes` the number of steps is chosen so that the training takes about so long on this machine.
    Raises `InputError`, `DataError`, `Diverged`, or `InterruptedRun` after `stop` was set.
    """
    workspace = workspace or Workspace()
    resolved = check.resolve(recipe, overrides)
    made = folder.new(workspace, resolved)
    try:
        return train(made, workspace, listener, stop, parent=parent, minutes=minutes)
    except BaseException:
        made.discard_unless_started()
        raise


def resume(
    name: str,
    *,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> Result:
    """Go on with a run that was interrupted; it ends as if it had not been. `latest` is the newest.

    Raises `InputError` if there is no such run, it is finished, or its data has changed.
    """
    workspace = workspace or Workspace()
    found = folder.find(workspace, name)
    if found.read("result"):
        raise InputError(f"{found.name} is finished: there is nothing to resume")
    check.check(found.recipe())
    return train(found, workspace, listener, stop)


def train(
    run_folder: folder.RunFolder,
    workspace: Workspace,
    listener: Listener | None,
    stop: threading.Event | None,
    **terms: Any,
) -> Result:
    """Train what stands in a run's folder, from its checkpoint if it has one."""
    listener = listener or Silent()
    listener.preparing("starting TensorFlow")
    startup.start(workspace)
    from kcnn.experiment.session import Session

    with run_folder.locked():
        return Session(run_folder, workspace, listener, stop or threading.Event()).train(**terms)
