"""`kcnn predict`."""

from pathlib import Path

import click

from kcnn.cli.output import json_option
from kcnn.errors import InputError


@click.command()
@click.argument("asked", nargs=-1, metavar="[IMAGE|TEXT|SERIES]...")
@click.option(
    "--server",
    default="http://127.0.0.1:8501",
    show_default=True,
    envvar="KCNN_SERVER",
    help="kcnn serve or TF Serving.",
)
@click.option("--model", help="Its name there; the newest export's unless given.")
@click.option("--top", default=3, show_default=True, type=click.IntRange(min=1), help="How many classes to show.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FOLDER", help="Where to write what answers as a file."
)
@click.option("--overwrite", is_flag=True, help="Replace files that are in FOLDER.")
@click.option("--class", "names", multiple=True, metavar="NAME", help="Ask a generator for an image of a class.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Of the first such image.")
@click.option(
    "--timeout", default=60.0, show_default=True, type=click.FloatRange(min=0, min_open=True), help="Seconds."
)
@json_option
def predict(
    asked: tuple[str, ...],
    server: str,
    model: str | None,
    top: int,
    output: Path | None,
    overwrite: bool,
    names: tuple[str, ...],
    seed: int,
    timeout: float,
    as_json: bool,
) -> None:
    """Ask a server (kcnn serve, or TF Serving) about each IMAGE, TEXT or SERIES: whatever the model reads.

    A classifier names it, a segmentation answers a mask, an autoencoder its reconstruction; a generator makes an image
    of each class that is named. A SERIES is a .csv with a row a step and a column a channel, in the order in which
    training had them; a network that answers every step writes a .csv. Of one that forecasts it is as `kcnn forecast`
    reads it, and has to begin with what is forecast.

    \b
    kcnn predict photo.jpg
    kcnn predict "a gripping and moving film" --model text_cnn_polarity
    kcnn predict slice.png --model unet_membranes -o masks
    kcnn predict --class 7 --class 3 --model dcgan_mnist -o digits
    """
    from kcnn.cli import predict_forecasts, predict_images, predict_sequences
    from kcnn.serving.client import Client

    if bool(asked) == bool(names):
        raise InputError("give images, texts or series, or with --class the names of classes for a generator")
    client, name = Client(server, timeout), model or _newest()
    kind = client.kind(name)
    if kind in ("texts", "series", "forecasts") and names:
        reads = "series" if kind == "forecasts" else kind
        raise InputError(f"{name} makes no images of classes: it reads {reads}")
    if kind == "texts":
        if output:
            raise predict_images.no_files(name)
        predict_sequences.about_texts(client, name, asked, top, as_json)
    elif kind == "series":
        files = [Path(each) for each in asked]
        predict_sequences.about_series(client, name, files, top, output, overwrite, as_json)
    elif kind == "forecasts":
        predict_forecasts.about_levels(client, name, [Path(each) for each in asked], output, overwrite, as_json)
    else:
        images = [Path(each) for each in asked]
        predict_images.about_images(client, name, kind, images, names, seed, top, output, overwrite, as_json)


def _newest() -> str:
    """The model that was exported last."""
    from kcnn.serving.repository import exported, versions
    from kcnn.workspace import Workspace

    directory = Workspace().saved_models
    folders = [folder for name in exported(directory) for folder in versions(directory, name).values()]
    if not folders:
        raise InputError(f"no model is exported in {directory}: name one with --model")
    return max(folders, key=lambda folder: folder.stat().st_mtime).parent.name
