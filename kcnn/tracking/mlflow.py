"""Delivering journals to MLflow: as often as it takes, never twice, and never in the way of a training."""

import fcntl
import getpass
import json
import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from kcnn.errors import InputError
from kcnn.tracking import journal
from kcnn.workspace import Workspace, atomic_file

EXPERIMENT = "kcnn"
"""The MLflow experiment that holds every run."""

_INTERVAL = 2.0
_AFTER_FAILURE = 20.0
_PATIENCE = 60.0
_BATCH = 100
_LONGEST_VALUE = 5000

_LOCAL_HOSTS = "localhost,localhost:*,127.0.0.1,127.0.0.1:*,[[]::1]:*"
"""Patterns; naming other hosts would otherwise shut these out."""

_UI_TAGS = {"description": "mlflow.note.content"}
"""Tags that MLflow's UI shows in a place of their own, by the name a journal has for them."""

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}

T = TypeVar("T")


class Delivery:
    """Delivers a run's journal while it is being written, in a thread of its own.

    A server that cannot be reached is reported once; what it missed stays in the journal for `sync`. Leaving the
    block waits a minute at most.
    """

    def __init__(self, folder: Path, workspace: Workspace, warn: Callable[[str], None]):
        self._folder = folder
        self._workspace = workspace
        self._warn = warn
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._deliver, name="tracking", daemon=True)

    def __enter__(self) -> "Delivery":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(_PATIENCE)
        if self._thread.is_alive():
            self._warn(f"MLflow ({self._workspace.tracking_uri}) is slow: kcnn runs --sync sends it the rest")

    def _deliver(self) -> None:
        failed = False
        while True:
            over = self._over.wait(_AFTER_FAILURE if failed else _INTERVAL)
            failed = not deliver(self._folder, self._workspace, None if failed else self._warn)
            if over:
                return


def deliver(folder: Path, workspace: Workspace, warn: Callable[[str], None] | None = None) -> bool:
    """Send what MLflow has not had of the journal in `folder`; whether that worked. Failures go to `warn`."""
    try:
        _Sender(workspace).send(folder)
    except Exception as error:  # whatever is wrong with a server must not reach a training
        if warn:
            warn(_unreachable(workspace, error))
        return False
    return True


def sync(workspace: Workspace) -> int:
    """Send every journal that MLflow has not had whole; how many those were.

    Raises `InputError` if it cannot be reached.
    """
    try:
        sender = _Sender(workspace)
        return sum(sender.send(folder) for folder in journal.folders(workspace))
    except Exception as error:
        raise InputError(_unreachable(workspace, error)) from error


def server_command(workspace: Workspace, host: str, port: int, allowed_hosts: str | None = None) -> list[str]:
    """The command line that serves MLflow's UI and artifacts on the workspace's store.

    It answers under this machine's own names, and under `allowed_hosts` (`HOST:PORT,...`) besides.
    """
    workspace.artifacts.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "mlflow",
        "server",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    command += ["--backend-store-uri", f"sqlite:///{workspace.mlruns / 'mlflow.db'}"]
    command += ["--serve-artifacts", "--artifacts-destination", str(workspace.artifacts)]
    command += ["--uvicorn-opts", "--log-level warning"]
    return command + (["--allowed-hosts", f"{_LOCAL_HOSTS},{allowed_hosts}"] if allowed_hosts else [])


def server_environment() -> dict[str, str]:
    """The environment it runs in: no telemetry, and no word about what MLflow itself has to mend."""
    quiet = {"PYTHONWARNINGS": "ignore::UserWarning,ignore::DeprecationWarning"}
    return {**os.environ, **_ENVIRONMENT, **quiet, "MLFLOW_TRACKING_URI": ""}


class _Sender:
    """One MLflow store, and what it takes to bring journals there."""

    def __init__(self, workspace: Workspace):
        for name, value in _ENVIRONMENT.items():
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
            run = run or self._find_run(folder, events)
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
        if self._uri.startswith("http"):
            self._client.log_artifact(run, str(path), folder or None)
            return
        location = self._client.get_run(run).info.artifact_uri.removeprefix("mlflow-artifacts:").lstrip("/")
        with atomic_file(self._workspace.artifacts / location / folder / path.name) as temporary:
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
            stage = self._client.get_run(known["run"]).info.lifecycle_stage
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None, 0
            raise
        # A run that the user has deleted stays deleted.
        return known["run"], sys.maxsize if stage == "deleted" else known["events"]

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


def _unreachable(workspace: Workspace, error: Exception) -> str:
    """One line; nothing is lost, and how to send it later."""
    first = " ".join(str(error).split())
    reason = first if len(first) < 120 else f"{first[:117]}..."
    return f"MLflow ({workspace.tracking_uri}) has not got everything yet, kcnn runs --sync sends it: {reason}"
