"""Run a lab: measure, judge, write its figure and remember its verdict."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from kcnn.errors import InputError, unknown
from kcnn.experiment import startup
from kcnn.labs.catalog import LABS, Lab
from kcnn.workspace import Workspace, atomic_file


@dataclass(frozen=True)
class Finding:
    """What a lab found: its verdict, the numbers behind it, where its figure is, how long it took, what it left out."""

    lab: Lab
    full: bool
    holds: bool
    numbers: dict[str, float]
    figure: Path
    seconds: float
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "lab": self.lab.name,
            "claim": self.lab.claim,
            "full": self.full,
            "holds": self.holds,
            **({"needs": self.lab.needs} if self.lab.needs else {}),
            "numbers": self.numbers,
            "seconds": self.seconds,
            "figure": str(self.figure),
            **({"note": self.note} if self.note else {}),
        }


def find(name: str) -> Lab:
    """The lab of that name. Raises InputError with the nearest one."""
    if name not in LABS:
        raise unknown("lab", name, LABS)
    return LABS[name]


def run(name: str, *, full: bool = False, workspace: Workspace | None = None, output: Path | None = None) -> Finding:
    """Measure the claim of a lab, in its longer form if `full`, and write its figure to `output`.

    Without one it goes to the workspace's `labs` folder, beside the verdict, which goes there always.
    Raises InputError where there is no such lab, or no longer form of it.
    """
    lab, workspace = find(name), workspace or Workspace()
    if full and lab.longer is None:
        raise InputError(f"{name} has no longer form: run it without --full")
    startup.start(workspace)
    from kcnn.plots.figure import save

    begin = time.perf_counter()
    outcome = import_module(f"kcnn.labs.{lab.module}").measure(**({"full": True} if full else {}))
    seconds = time.perf_counter() - begin
    path = output or workspace.labs / f"{name}.png"
    save(outcome.figure, path)
    numbers = {key: float(value) if isinstance(value, float) else int(value) for key, value in outcome.numbers.items()}
    finding = Finding(lab, full, bool(outcome.holds), numbers, path, seconds, outcome.note)
    with atomic_file(_verdict(workspace, name)) as temporary:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        temporary.write_text(json.dumps(finding.to_json() | {"at": at}, indent=1), encoding="utf-8")
    return finding


def last_verdict(name: str, workspace: Workspace | None = None) -> Mapping[str, Any] | None:
    """What the lab of that name found when it was last run here: a Finding's object, and when (`at`); None if never."""
    try:
        last = json.loads(_verdict(workspace or Workspace(), name).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # never run, or damaged by something else than kcnn
        return None
    return last if isinstance(last, dict) and {"holds", "full", "at"} <= last.keys() else None


def _verdict(workspace: Workspace, name: str) -> Path:
    return workspace.labs / f"{name}.json"
