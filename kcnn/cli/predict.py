"""`kcnn predict`."""

from pathlib import Path

import click

from kcnn.cli.output import json_option
from kcnn.errors import InputError


@click.command()
@click.argument("asked", nargs=-1, metavar="[IMAGE|TEXT|SERIES|RECORDING|CLIP]...")
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
@click.option("--class", "names", multiple=True, metavar="NAME", help="Ask a generator for a class.")
@click.option("--speaker", "speakers", multiple=True, metavar="NAME", help="Ask who makes sounds for a speaker.")
@click.option(
    "--seconds",
    default=0.5,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="How long a new sound is.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Of the first that is made.")
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
    speakers: tuple[str, ...],
    seconds: float,
    seed: int,
    timeout: float,
    as_json: bool,
) -> None:
    """Ask a server (kcnn serve, or TF Serving) about each IMAGE, TEXT, SERIES, RECORDING or CLIP, whatever the model
    knows.

    A classifier names it, a segmentation answers a mask, an autoencoder its reconstruction; a generator makes an image
    of each class that is named. A SERIES is a .csv with a row a step and a column a channel, in the order in which
    training had them; a network that answers every step writes a .csv. Of one that forecasts it has the columns that
    training had, by their names, and is read as there. A RECORDING is a .wav; a network that continues sounds makes one
    of each class and speaker that is named, or one where it is told neither. A CLIP is a .mp4, .m4v, .mov, .avi, .mkv,
    .webm or .gif, or a folder of frames; of a longer one than the network sees the middle is looked at.

    \b
    kcnn predict photo.jpg
    kcnn predict "a gripping and moving film" --model text_cnn_polarity
    kcnn predict slice.png --model unet_membranes -o masks
    kcnn predict --class 7 --class 3 --model dcgan_mnist -o digits
    kcnn predict clip.wav --model spectrogram_cnn_digits
    kcnn predict clip.mp4 frames/ --model c3d_small_motions
    kcnn predict --class 7 --speaker theo --model wavenet_digits -o sounds
    """
    from kcnn.cli import predict_forecasts, predict_images, predict_sequences, predict_sounds, predict_videos
    from kcnn.serving.client import Client

    nothing = not (asked or names or speakers)
    # Who makes sounds may be told nothing, and answers with files.
    if (asked and (names or speakers)) or (nothing and output is None):
        raise _unclear()
    client, name = Client(server, timeout), model or _newest()
    kind = client.kind(name)
    if kind != "sound generator":
        _check_asked(name, kind, bool(asked), bool(names), bool(speakers))
    else:
        if asked:
            raise InputError(f"{name} makes sounds: name their classes with --class")
        predict_sounds.new_sounds(client, name, names, speakers, seconds, seed, output, overwrite, as_json)
        return
    if kind == "texts":
        if output:
            raise predict_images.no_files(name)
        predict_sequences.about_texts(client, name, asked, top, as_json)
    elif kind == "sounds":
        predict_sounds.about_sounds(client, name, [Path(each) for each in asked], top, output, as_json)
    elif kind == "clips":
        predict_videos.about_clips(client, name, [Path(each) for each in asked], top, output, as_json)
    elif kind == "series":
        files = [Path(each) for each in asked]
        predict_sequences.about_series(client, name, files, top, output, overwrite, as_json)
    elif kind == "forecasts":
        predict_forecasts.about_levels(client, name, [Path(each) for each in asked], output, overwrite, as_json)
    else:
        images = [Path(each) for each in asked]
        predict_images.about_images(client, name, kind, images, names, seed, top, output, overwrite, as_json)


def _check_asked(name: str, kind: str, asked: bool, names: bool, speakers: bool) -> None:
    """Raise InputError where a model that makes no sounds is asked for nothing, or for what it does not know."""
    if not (asked or names or speakers):
        raise _unclear()
    if kind in ("texts", "series", "forecasts", "sounds", "clips") and not asked:
        raise InputError(f"{name} makes nothing of classes: it knows {'series' if kind == 'forecasts' else kind}")
    if speakers:
        raise InputError(f"--speaker is for who makes sounds, {name} is told none")


def _unclear() -> InputError:
    return InputError("give images, texts, series, recordings or clips, or with --class the names of classes to make")


def _newest() -> str:
    """The model that was exported last."""
    from kcnn.serving.repository import exported, versions
    from kcnn.workspace import Workspace

    directory = Workspace().saved_models
    folders = [folder for name in exported(directory) for folder in versions(directory, name).values()]
    if not folders:
        raise InputError(f"no model is exported in {directory}: name one with --model")
    return max(folders, key=lambda folder: folder.stat().st_mtime).parent.name
