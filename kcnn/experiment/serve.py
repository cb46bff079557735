"""Serve what has been exported, by the embedded server."""

from collections.abc import Callable
from pathlib import Path

from kcnn.errors import InputError
from kcnn.experiment import startup
from kcnn.serving import ports
from kcnn.serving.repository import exported
from kcnn.workspace import Workspace


def serve(
    directory: Path | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 8501,
    ready: Callable[[str], None] | None = None,
    workspace: Workspace | None = None,
) -> None:
    """Answer TF Serving's REST protocol until stopped, with every model in `saved_models/`; `ready` hears the URL.

    Raises `InputError` if the port is in use or nothing has been exported.
    """
    workspace = workspace or Workspace()
    directory = directory or workspace.saved_models
    if not exported(directory):
        raise InputError(f"{directory} has no exported models: kcnn export RUN writes one")
    with ports.claim(host, port) as listening:
        startup.start(workspace)
        from kcnn.serving import server

        server.serve(directory, listening, ready)
