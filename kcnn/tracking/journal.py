"""A run's record, on disk before anything else hears of it: one JSON line an event, safe against kill -9."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kcnn.workspace import Workspace

Outcome = Literal["FINISHED", "FAILED", "KILLED"]

_FILE = "journal.jsonl"


@dataclass(frozen=True)
class Event:
    """One line of a journal: what kind, when (milliseconds since 1970), and its values."""

    kind: Literal["start", "params", "metrics", "tags", "artifact", "finish"]
    at: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Summary:
    """A run as its journal tells it. `metrics` are the latest values; `started` is in milliseconds since 1970.

    `status` is RUNNING, FINISHED, FAILED, KILLED, or INTERRUPTED where the process has gone without a word.
    """

    name: str
    status: str
    started: int
    parent: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)


class Journal:
    """Appends to the journal in a run's folder. Opening one that exists goes on with it, as a resumed run does."""

    def __init__(self, folder: Path):
        self.path = folder / _FILE
        self._params: set[str] = set()
        self._metrics: set[tuple[str, int]] = set()
        self._file: Any = None

    def start(self, parent: str | None = None, tags: Mapping[str, str] | None = None) -> None:
        """The run begins, or goes on; until `finish` other processes see that it is running."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for event in read(self.path.parent):
            if event.kind == "params":
                self._params.update(event.values)
            elif event.kind == "metrics":
                self._metrics.update((name, event.values["step"]) for name in event.values["values"])
        self._file = self.path.open("ab+")
        fcntl.flock(self._file, fcntl.LOCK_SH)
        self._append("start", {"parent": parent, "tags": dict(tags or {})})

    def params(self, values: Mapping[str, Any]) -> None:
        """What the run was started with; a resumed run keeps what was written first."""
        new = {name: "none" if value is None else str(value) for name, value in values.items()}
        new = {name: value for name, value in new.items() if name not in self._params}
        self._params.update(new)
        if new:
            self._append("params", new)

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Numbers at a step; a step that a resumed run repeats is not written again."""
        new = {name: float(value) for name, value in values.items() if (name, step) not in self._metrics}
        self._metrics.update((name, step) for name in new)
        if new:
            self._append("metrics", {"step": step, "values": new})

    def tags(self, values: Mapping[str, str]) -> None:
        """Labels, which later ones replace."""
        self._append("tags", dict(values))

    def artifact(self, path: Path, folder: str = "") -> None:
        """A file inside the run's folder, to be kept under `folder` of the record."""
        self._append("artifact", {"path": str(path.relative_to(self.path.parent)), "folder": folder})

    def finish(self, outcome: Outcome) -> None:
        """The run is over, or is left to be resumed."""
        self._append("finish", {"outcome": outcome})
        self.close()

    def close(self) -> None:
        """Let go of the journal without a word about the end, as the death of the process does."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _append(self, kind: str, values: dict[str, Any]) -> None:
        line = json.dumps({"kind": kind, "at": time.time_ns() // 1_000_000, "values": values}) + "\n"
        if self._file is None:
            with self.path.open("ab+") as file:
                _write(file, line)
        else:
            _write(self._file, line)


def read(folder: Path) -> list[Event]:
    """Every event of the run in `folder`, oldest first; empty where it has no journal."""
    path = folder / _FILE
    events = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        # What a killed process has written of a line is no JSON.
        with suppress(ValueError):
            events.append(Event(**json.loads(line)))
    return events


def runs(workspace: Workspace) -> list[Summary]:
    """All runs and comparisons of the workspace, newest first."""
    found = [summary for folder in folders(workspace) if (summary := summarise(folder))]
    return sorted(found, key=lambda summary: summary.started, reverse=True)


def folders(workspace: Workspace) -> Iterator[Path]:
    """The folders that hold a journal."""
    return (path.parent for path in sorted(workspace.runs.glob(f"*/{_FILE}")))


def summarise(folder: Path) -> Summary | None:
    """What became of the run in `folder`; None where nothing is written yet."""
    events = read(folder)
    if not events:
        return None
    last = next((event for event in reversed(events) if event.kind in ("start", "finish")), events[0])
    if last.kind == "finish":
        status = last.values["outcome"]
    else:
        status = "RUNNING" if _is_held(folder / _FILE) else "INTERRUPTED"
    tags: dict[str, str] = {}
    metrics: dict[str, float] = {}
    for event in events:
        if event.kind == "metrics":
            metrics.update(event.values["values"])
        elif event.kind in ("start", "tags"):
            tags.update(event.values["tags"] if event.kind == "start" else event.values)
    return Summary(folder.name, status, events[0].at, parent(events), tags, metrics)


def parent(events: list[Event]) -> str | None:
    """The comparison that the run is part of."""
    return next((event.values["parent"] for event in events if event.kind == "start" and event.values["parent"]), None)


def _write(file: Any, line: str) -> None:
    end = file.seek(0, os.SEEK_END)
    if end:
        file.seek(end - 1)
        # A killed process may have left its last line without an end.
        line = line if file.read(1) == b"\n" else f"\n{line}"
    file.write(line.encode())
    file.flush()
    os.fsync(file.fileno())


def _is_held(path: Path) -> bool:
    """Whether a living process has started the journal and not finished it."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
