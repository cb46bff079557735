"""`kcnn serve`."""

from pathlib import Path

import click

from kcnn.cli.output import say


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8501, show_default=True, type=click.IntRange(0, 65535))
@click.option("--directory", type=click.Path(path_type=Path), help="Instead of saved_models/.")
def serve(host: str, port: int, directory: Path | None) -> None:
    """Answer TF Serving's REST protocol with every model in saved_models/, until Ctrl-C."""
    from kcnn.experiment.serve import serve as answer

    def ready(url: str) -> None:
        say(f"Serving on {url} (Ctrl-C stops it)\nTry: kcnn predict --server {url} IMAGE")

    answer(directory, host=host, port=port, ready=ready)
