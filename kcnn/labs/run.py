"""Run a lab: measure, judge, and write its figure."""

import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from kcnn.errors import unknown
from kcnn.experiment import startup
from kcnn.labs.catalog import LABS, Lab
from kcnn.workspace import Workspace


@dataclass(frozen=True)
class Finding:
    """What a lab found: its verdict, the numbers behind it, where its figure is and how long it took."""

    lab: Lab
    holds: bool
    numbers: dict[str, float]
    figure: Path
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "lab": self.lab.name,
            "claim": self.lab.claim,
            "holds": self.holds,
            "numbers": self.numbers,
            "figure": str(self.figure),
        }


def find(name: str) -> Lab:
    """The lab of that name. Raises InputError with the nearest one."""
    if name not in LABS:
        raise unknown("lab", name, LABS)
    return LABS[name]


def run(name: str, *, workspace: Workspace | None = None, output: Path | None = None) -> Finding:
    """Measure the claim of a lab and write its figure to `output`, or else to the workspace's `labs` folder.

    Raises InputError where there is no such lab.
    """
    lab, workspace = find(name), workspace or Workspace()
    startup.start(workspace)
    from kcnn.plots.figure import save

    begin = time.perf_counter()
    outcome = import_module(f"kcnn.labs.{lab.module}").measure()
    seconds = time.perf_counter() - begin
    path = output or workspace.labs / f"{name}.png"
    save(outcome.figure, path)
    numbers = {key: float(value) if isinstance(value, float) else int(value) for key, value in outcome.numbers.items()}
    return Finding(lab, bool(outcome.holds), numbers, path, seconds)
