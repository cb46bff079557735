"""Bringing journals to MLflow: as often as it takes, never twice, and never in the way of a training."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from kcnn.errors import InputError
from kcnn.tracking import journal
from kcnn.tracking.mlflow import Sender
from kcnn.workspace import Workspace

_INTERVAL = 2.0
_AFTER_FAILURE = 20.0
_PATIENCE = 60.0


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
        Sender(workspace).send(folder)
    except Exception as error:  # whatever is wrong with a server must not reach a training
        if warn:
            warn(_unreachable(workspace, error))
        return False
    return True


def sync(workspace: Workspace) -> int:
    """Send every journal that MLflow has not had whole; how many those were.

    Raises `InputError` if one could not be sent; the others have been.
    """
    sent, faults = 0, []
    for folder in journal.folders(workspace):
        try:
            sent += Sender(workspace).send(folder)
        except Exception as error:  # one that cannot be sent must not keep back the others
            faults.append(error)
    if faults:
        raise InputError(_unreachable(workspace, faults[0]))
    return sent


def _unreachable(workspace: Workspace, error: Exception) -> str:
    """One line; nothing is lost, and how to send it later."""
    first = " ".join(str(error).split())
    reason = first if len(first) < 120 else f"{first[:117]}..."
    return f"MLflow ({workspace.tracking_uri}) has not got everything yet, kcnn runs --sync sends it: {reason}"
