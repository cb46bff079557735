"""What all explanations of a run share: what is checked before TensorFlow is imported, and where a picture is kept."""

import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from kcnn.errors import unknown
from kcnn.experiment.folder import RunFolder, find_best
from kcnn.experiment.result import Result
from kcnn.tracking.delivery import deliver
from kcnn.tracking.journal import Journal
from kcnn.workspace import Workspace, check_figure

if TYPE_CHECKING:
    from kcnn.plots.figure import Figure

_FOLDER = "explanations"


def kind_of(run: Result | str, workspace: Workspace | None = None) -> str:
    """The kind of data that a run is on, or the best of a comparison. Raises `InputError` if there is no such run."""
    found = find_best(workspace or Workspace(), run if isinstance(run, str) else run.run)
    return found.recipe().data.kind


def check(found: RunFolder, label: str | None, output: Path | str | None) -> list[str]:
    """The names of the classes of a finished run. Raises `InputError` where `label` is none, or `output` no figure."""
    classes = (found.read("source") or {})["classes"]
    if label is not None and label not in classes:
        raise unknown(f"class of {found.name}", label, classes)
    if output is not None:
        check_figure(Path(output))
    return classes


def check_layer(found: RunFolder, tap: str | None) -> None:
    """Raise `InputError`, with the nearest name, where the model of a run has no layer called `tap`."""
    if tap is None:
        return
    with zipfile.ZipFile(found.model) as archive:
        names = [layer["name"] for layer in json.loads(archive.read("config.json"))["config"]["layers"]]
    if tap not in names:
        raise unknown(f"layer of {found.recipe().model.name}", tap, names)


def keep(found: RunFolder, drawn: "Figure", name: str, output: Path | str | None, workspace: Workspace) -> Path:
    """Where a picture is kept with its run; it is written to `output`, too."""
    from kcnn.plots.figure import save

    path = found.path / _FOLDER / (re.sub(r"[^\w.-]+", "_", name) + ".png")
    for target in (path,) if output is None else (Path(output), path):
        save(drawn, target)
    Journal(found.path).artifact(path, _FOLDER)
    deliver(found.path, workspace)
    return path
