"""MLflow's own server on the workspace's store."""

import os
import sys

from kcnn.tracking.mlflow import ENVIRONMENT
from kcnn.workspace import Workspace

_LOCAL_HOSTS = "localhost,localhost:*,127.0.0.1,127.0.0.1:*,[[]::1]:*"
"""Patterns; naming other hosts would otherwise shut these out."""


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
    # `python -m` would import modules from the folder in which the user stands.
    return {**os.environ, **ENVIRONMENT, **quiet, "PYTHONSAFEPATH": "1", "MLFLOW_TRACKING_URI": ""}
