"""Train a recipe: build, fit, evaluate, record."""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kcnn.errors import HeldRun, InputError
from kcnn.experiment import check, folder, startup
from kcnn.experiment.listener import Listener
from kcnn.experiment.result import Result
from kcnn.recipes import Recipe
from kcnn.recipes.recipe import Data
from kcnn.tracking.journal import summarise
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    from kcnn.data.source import Source


def run(
    recipe: Recipe | str,
    *,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    parent: str | None = None,
    minutes: float | None = None,
    stop: threading.Event | None = None,
    tags: Mapping[str, str] | None = None,
    sources: "Mapping[Data, Source] | None" = None,
    fingerprint: str | None = None,
    **overrides: Any,
) -> Result:
    """Train a recipe: whole, by name or as a `.json` file, `overrides` (`epochs=3`, `optimizer={"lr": 0.01}`) made.

    With `minutes` the number of steps is chosen so that the training takes about so long on this machine; `tags` are
    recorded with the run; data that stand in `sources` are not read again, and data of another `fingerprint` are
    refused. What `parent` has begun of this recipe is gone on with, and what is finished is read, so that a comparison
    or a search can be resumed.
    Raises `InputError`, `DataError`, `Diverged`, or `InterruptedRun` after `stop` was set.
    """
    workspace = workspace or Workspace()
    resolved = check.resolve(recipe, overrides, workspace)
    begun = folder.child(workspace, parent, resolved.name) if parent else None
    if begun and (finished := _finished(begun)):
        return finished
    terms = {"parent": parent, "minutes": minutes, "tags": dict(tags or {}), "fingerprint": fingerprint}
    made = begun or folder.new(workspace, resolved, **terms)
    try:
        return train(made, workspace, listener, stop, sources)
    except HeldRun:
        raise
    except BaseException:
        made.discard_unless_started()
        raise


def _finished(begun: folder.RunFolder) -> Result | None:
    """The result of a run that has come to its end."""
    summary, stored = summarise(begun.path), begun.read("result")
    if stored is None or summary is None or summary.status != "FINISHED":
        return None
    return Result.restored(begun.recipe(), stored)


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
    summary = summarise(found.path)
    if summary and summary.status == "FINISHED":
        raise InputError(f"{found.name} is finished: there is nothing to resume")
    check.check(found.recipe(), workspace)
    return train(found, workspace, listener, stop)


def train(
    run_folder: folder.RunFolder,
    workspace: Workspace,
    listener: Listener | None,
    stop: threading.Event | None,
    sources: "Mapping[Data, Source] | None" = None,
) -> Result:
    """Train what stands in a run's folder, from its checkpoint if it has one."""
    listener = listener or Listener()
    listener.preparing("starting TensorFlow")
    startup.start(workspace)
    from kcnn.experiment.session import Session
    from kcnn.training.forgetting import forgotten_gradients

    with run_folder.locked(), forgotten_gradients():
        return Session(run_folder, workspace, listener, stop or threading.Event(), sources or {}).train()
