"""Publish a run's model as a SavedModel that is proved to answer as the run did."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.errors import DataError, InputError
from kcnn.experiment import folder, startup
from kcnn.experiment.result import Result
from kcnn.recipes import Recipe
from kcnn.recipes.data import Images, Masks
from kcnn.serving.config import write_models_config
from kcnn.tracking.delivery import deliver
from kcnn.tracking.journal import Journal
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    from kcnn.data.source import Source
    from kcnn.experiment.trained import Trained

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"


@dataclass(frozen=True)
class Export:
    """A published SavedModel, and the largest difference of a number from the run's own model's."""

    name: str
    version: int
    path: Path
    run: str
    examples: int
    difference: float

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {key: str(value) if isinstance(value, Path) else value for key, value in vars(self).items()}


def export(run: Result | str, *, name: str | None = None, workspace: Workspace | None = None) -> Export:
    """Write `saved_models/<name>/<version>/` from a finished run, or the best of a comparison, named as its recipe.

    Raises `InputError` if there is no such run, it is not finished, or the SavedModel does not answer as the
    run's model does on its own data: then nothing is published.
    """
    workspace = workspace or Workspace()
    found = folder.find_best(workspace, run if isinstance(run, str) else run.run)
    found.check_finished()
    name = found.recipe().name if name is None else name
    if not re.fullmatch(_NAME, name):
        raise InputError(f"name must be letters, digits, _, - and ., and begin with none of the last two, got {name!r}")
    startup.start(workspace)
    made = _publish(found, name, workspace)
    write_models_config(workspace.saved_models)
    Journal(found.path).tags({"exported": f"{name}/{made.version}"})
    deliver(found.path, workspace)
    return made


def _publish(found: folder.RunFolder, name: str, workspace: Workspace) -> Export:
    """Write, prove, publish."""
    from kcnn.experiment import trained
    from kcnn.experiment.exporters import exporter
    from kcnn.exporting.saved_model import discard, publish, write
    from kcnn.exporting.verify import verify

    run, recipe = trained.load(found), found.recipe()
    made = exporter(recipe)(run, recipe, _same_data(recipe, run))
    temporary = write(made.module(), workspace.saved_models / name)
    try:
        proof = verify(temporary, len(made.shown), made.cases())
        if not proof.holds:
            raise InputError(f"{found.name} was not published, its SavedModel is another: {'; '.join(proof.faults)}")
        path = publish(temporary, workspace.saved_models / name)
    finally:
        discard(temporary)
    return Export(name, int(path.name), path, found.name, proof.examples, proof.difference)


def _same_data(recipe: Recipe, run: "Trained") -> "Source":
    """The run's data, read again."""
    from kcnn.data import address

    images = isinstance(recipe.data, Images | Masks)
    source = address.load(recipe.data, pixels=run.preprocessing.pixels if images else None)
    if source.fingerprint != run.fingerprint:
        raise DataError(f"{source.address} has changed since the run: the proof needs the same data")
    return source
