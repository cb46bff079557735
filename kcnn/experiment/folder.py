"""One run's folder: what it was asked to do, what it learned about its data, what came out."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from kcnn.errors import HeldRun, InputError, unknown
from kcnn.recipes import Recipe, from_json, to_json
from kcnn.workspace import Workspace, atomic_file


@dataclass(frozen=True)
class RunFolder:
    """`.kcnn/checkpoints/<run>/`."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def model(self) -> Path:
        """The trained model, in Keras's own format."""
        return self.path / "model.keras"

    def write(self, what: str, values: dict[str, Any]) -> None:
        """Store `values` as `<what>.json`."""
        with atomic_file(self.path / f"{what}.json") as temporary:
            temporary.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")

    def read(self, what: str) -> dict[str, Any] | None:
        """What was stored as `<what>.json`; None if nothing was yet."""
        path = self.path / f"{what}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def check_finished(self) -> None:
        """Raise InputError where there is no trained model yet."""
        if not self.model.exists():
            raise InputError(f"{self.name} has no model yet: finish it with kcnn train --resume {self.name}")

    def recipe(self) -> Recipe:
        """The recipe the run was started with."""
        values = self.read("recipe")
        if values is None:
            raise InputError(f"{self.path} has no recipe.json: it is not a training run")
        return from_json(Recipe, values)

    def discard_unless_started(self) -> None:
        """Remove what a run leaves that was refused, by its data for example, before its record began."""
        if not (self.path / "journal.jsonl").exists():
            shutil.rmtree(self.path)

    def clean(self) -> None:
        """Remove what a killed process left half-written; the run must be held."""
        for pattern in (".checkpoint-*", ".best-*", ".model-*"):
            for path in self.path.glob(pattern):
                path.unlink()
        for trial in self.path.glob("trial-*"):
            shutil.rmtree(trial)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run; `HeldRun` where another process does."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise HeldRun(f"another process is at {self.name}") from None
            yield


def new(workspace: Workspace, recipe: Recipe, **terms: Any) -> RunFolder:
    """The folder of a new run of `recipe`: its name says what and when. `terms` are what else it was asked."""
    folder = RunFolder(workspace.run(unique(recipe.name)))
    folder.write("terms", terms)
    folder.write("recipe", to_json(recipe))
    return folder


def unique(what: str) -> str:
    """A name that says what and when, and that no other run has."""
    return f"{what}-{datetime.now().strftime('%Y%m%d-%H%M%S')}-{uuid4().hex[:4]}"


def find(workspace: Workspace, name: str) -> RunFolder:
    """The run of that name, of an unambiguous beginning of it, or the `latest` that was started.

    Raises `InputError` with the nearest name.
    """
    trainings = _folders(workspace, "recipe.json")
    if name == "latest" and trainings:
        return RunFolder(trainings[-1])
    return RunFolder(_named(name, trainings))


def find_best(workspace: Workspace, name: str) -> RunFolder:
    """As `find`, but a comparison stands for the best of its runs, and so does `latest` if it was compared."""
    comparisons = _folders(workspace, "comparison.json")
    if name == "latest":
        newest = find(workspace, name)
        above = [path for path in comparisons if newest.name in {run["run"] for run in _comparison(path)["runs"]}]
        return RunFolder(workspace.run(_comparison(above[0])["best"])) if above else newest
    found = _named(name, [*_folders(workspace, "recipe.json"), *comparisons])
    return RunFolder(workspace.run(_comparison(found)["best"])) if found in comparisons else RunFolder(found)


def find_request(workspace: Workspace, command: str, name: str) -> RunFolder:
    """As `find`, for what `command` records and goes on with: a comparison, a search."""
    asked = {path: RunFolder(path).read("request") or {} for path in _folders(workspace, "request.json")}
    places = [path for path, request in asked.items() if request.get("command") == command]
    return RunFolder(places[-1] if name == "latest" and places else _named(name, places))


def child(workspace: Workspace, parent: str, recipe: str) -> RunFolder | None:
    """The newest run of the recipe of that name under `parent`; None where it was not begun yet."""
    begun = [RunFolder(path) for path in reversed(_folders(workspace, "recipe.json"))]
    of_parent = (run for run in begun if (run.read("terms") or {}).get("parent") == parent)
    return next((run for run in of_parent if run.recipe().name == recipe), None)


def _folders(workspace: Workspace, holding: str) -> list[Path]:
    """The folders with a file of that name, in the order in which it was written."""
    return [path.parent for path in sorted(workspace.runs.glob(f"*/{holding}"), key=lambda path: path.stat().st_mtime)]


def _named(name: str, folders: list[Path]) -> Path:
    exact = [path for path in folders if path.name == name]
    matches = exact or [path for path in folders if path.name.startswith(name)]
    if len(matches) > 1:
        shown = ", ".join(path.name for path in matches[:5])
        raise InputError(f"{name!r} is the beginning of {len(matches)} runs: {shown}")
    if not matches:
        raise unknown("run", name, [path.name for path in folders])
    return matches[0]


def _comparison(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
