"""`kcnn ui`."""

import os

import click

from kcnn.cli.output import say


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--allowed-hosts", metavar="HOST[:PORT],...", help="Names it may be asked under, besides localhost.")
def ui(host: str, port: int, allowed_hosts: str | None) -> None:
    """Serve MLflow's UI on the runs in mlruns/, until Ctrl-C."""
    from kcnn.errors import InputError
    from kcnn.serving.ports import claim
    from kcnn.tracking.ui import server_command, server_environment
    from kcnn.workspace import Workspace

    workspace = Workspace()
    if workspace.tracking_uri.startswith("http"):
        raise InputError(f"runs are tracked by the server at {workspace.tracking_uri} (MLFLOW_TRACKING_URI): open that")
    claim(host, port).close()
    command = server_command(workspace, host, port, allowed_hosts)
    say(f"MLflow's UI: http://{host}:{port} (a few seconds; Ctrl-C stops it)")
    os.execvpe(command[0], command, server_environment())
