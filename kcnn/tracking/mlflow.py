"""A journal as a run of MLflow; the only importer of mlflow."""

import fcntl
import getpass
import json
import logging
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from kcnn.tracking import journal
from kcnn.workspace import Workspace, atomic_file

EXPERIMENT = "kcnn"
"""The MLflow experiment that holds every run."""

_BATCH = 100
_LONGEST_VALUE = 5000

_UI_TAGS = {"description": "mlflow.note.content"}
"""Tags that MLflow's UI shows in a place of their own, by the name a journal has for them."""

ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}

T = TypeVar("T")


class Sender:
    """One MLflow store, and what it takes to bring journals there."""

    def __init__(self, workspace: Workspace):
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        from mlflow import MlflowClient

        for chatty in ("alembic", "mlflow"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        self._workspace = workspace
        self._uri = workspace.tracking_uri
        workspace.mlruns.mkdir(parents=True, exist_ok=True)
        # Two processes that create the database's tables at once spoil it.
        with _locked(workspace.mlruns / ".lock"):
            self._client = MlflowClient(self._uri)
            self._experiment = self._find_experiment()

    def send(self, folder: Path) -> bool:
        """Bring the store up to date with one journal; whether anything was missing."""
        with _locked(folder / "delivery.lock"):
            events = journal.read(folder)
            run, done = self._where(folder)
            if done >= len(events):
                return False
            if run is None:
                run = self._find_run(folder, events)
                if self._is_deleted(run):
                    return False
            for event in events[done:]:
                self._send_event(run, folder, event)
                done += 1
                self._remember(folder, run, done)
            return True

    def _send_event(self, run: str, folder: Path, event: journal.Event) -> None:
        values = event.values
        if event.kind == "start":
            self._tag(run, values["tags"])
            self._client.update_run(run, status="RUNNING")
        elif event.kind == "params":
            self._log_params(run, values)
        elif event.kind == "metrics":
            self._log_metrics(run, values, event.at)
        elif event.kind == "tags":
            self._tag(run, values)
        elif event.kind == "artifact":
            self._log_artifact(run, folder / values["path"], values["folder"])
        else:
            self._client.set_terminated(run, values["outcome"], end_time=event.at)

    def _log_params(self, run: str, values: Mapping[str, str]) -> None:
        from mlflow.entities import Param

        for batch in _batches(values.items()):
            self._client.log_batch(run, params=[Param(name, value[:_LONGEST_VALUE]) for name, value in batch])

    def _log_metrics(self, run: str, values: Mapping[str, Any], at: int) -> None:
        from mlflow.entities import Metric

        for batch in _batches(values["values"].items()):
            self._client.log_batch(run, metrics=[Metric(name, value, at, values["step"]) for name, value in batch])

    def _tag(self, run: str, values: Mapping[str, str]) -> None:
        from mlflow.entities import RunTag

        renamed = {_UI_TAGS.get(name, name): value for name, value in values.items()}
        for batch in _batches(renamed.items()):
            self._client.log_batch(run, tags=[RunTag(name, value[:_LONGEST_VALUE]) for name, value in batch])

    def _log_artifact(self, run: str, path: Path, folder: str) -> None:
        """Through the server, or, where there is none, to the folder it would keep it in.

        So a run reads the same whether it was tracked with the server up or without one.
        """
        if not path.exists():
            return
        location = self._client.get_run(run).info.artifact_uri
        if self._uri.startswith("http") or not location.startswith("mlflow-artifacts:"):
            self._client.log_artifact(run, str(path), folder or None)
            return
        below = location.removeprefix("mlflow-artifacts:").lstrip("/")
        with atomic_file(self._workspace.artifacts / below / folder / path.name) as temporary:
            shutil.copyfile(path, temporary)

    def _find_experiment(self) -> str:
        from mlflow.exceptions import MlflowException

        found = self._client.get_experiment_by_name(EXPERIMENT)
        if found is None:
            try:
                # The UI opens on training runs, not on what it has for language models.
                kind = {"mlflow.experimentKind": "custom_model_development"}
                return self._client.create_experiment(EXPERIMENT, f"mlflow-artifacts:/{EXPERIMENT}", kind)
            except MlflowException:
                # Another process has made it meanwhile; if not, this raises.
                found = self._client.get_experiment_by_name(EXPERIMENT)
                if found is None:
                    raise
        if found.lifecycle_stage == "deleted":
            self._client.restore_experiment(found.experiment_id)
        return found.experiment_id

    def _find_run(self, folder: Path, events: list[journal.Event]) -> str:
        """The store's run of this journal, made now if there is none."""
        from mlflow.entities import ViewType

        query = f"tags.`kcnn.run` = '{folder.name}'"
        found = self._client.search_runs([self._experiment], query, ViewType.ALL, max_results=1)
        if found:
            return found[0].info.run_id
        tags = {
            "kcnn.run": folder.name,
            "mlflow.source.name": "kcnn",
            "mlflow.user": _user(),
        }
        parent = journal.parent(events)
        if parent:
            above = self._workspace.run(parent)
            with _locked(above / "delivery.lock"):
                tags["mlflow.parentRunId"] = self._find_run(above, journal.read(above))
        made = self._client.create_run(self._experiment, events[0].at, tags, folder.name)
        return made.info.run_id

    def _where(self, folder: Path) -> tuple[str | None, int]:
        """The store's run and how many events it has had; nothing if the store is another, or has lost the run."""
        from mlflow.exceptions import MlflowException

        path = folder / "delivered.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        if known.get("store") != self._uri:
            return None, 0
        try:
            return known["run"], sys.maxsize if self._is_deleted(known["run"]) else known["events"]
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None, 0
            raise

    def _is_deleted(self, run: str) -> bool:
        """A run that the user has deleted stays deleted."""
        return self._client.get_run(run).info.lifecycle_stage == "deleted"

    def _remember(self, folder: Path, run: str, events: int) -> None:
        with atomic_file(folder / "delivered.json") as path:
            path.write_text(json.dumps({"store": self._uri, "run": run, "events": events}))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _batches(values: Iterable[T]) -> Iterator[list[T]]:
    """As many at a time as MLflow takes."""
    remaining = iter(values)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user need not have a name
        return "unknown"
