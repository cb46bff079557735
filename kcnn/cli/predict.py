"""`kcnn predict`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from kcnn.cli.output import json_option, percent, print_json, print_table
from kcnn.errors import DataError, InputError

_TOGETHER = 32


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="IMAGE...")
@click.option(
    "--server",
    default="http://127.0.0.1:8501",
    show_default=True,
    envvar="KCNN_SERVER",
    help="kcnn serve or TF Serving.",
)
@click.option("--model", help="Its name there; the newest export's unless given.")
@click.option("--top", default=3, show_default=True, type=click.IntRange(min=1), help="How many classes to show.")
@json_option
def predict(images: tuple[Path, ...], server: str, model: str | None, top: int, as_json: bool) -> None:
    """Ask a server (kcnn serve, or TF Serving) what is on each IMAGE."""
    from kcnn.serving.client import Client

    encoded = [_read(image) for image in images]
    predictions = _ask(Client(server), model or _newest(), images, encoded)
    if as_json:
        answers = [
            {"image": str(image), "class": answer.class_name, "probabilities": answer.probabilities}
            for image, answer in zip(images, predictions, strict=True)
        ]
        print_json({"predictions": answers})
        return
    rows = []
    for image, answer in zip(images, predictions, strict=True):
        best = sorted(answer.probabilities.items(), key=lambda item: -item[1])[:top]
        others = ", ".join(f"{name} {percent(share)}" for name, share in best[1:])
        rows.append((str(image), answer.class_name, percent(answer.probability), others))
    print_table(("image", "class", "probability", "then"), rows)


def _ask(client: Any, model: str, images: Sequence[Path], encoded: list[bytes]) -> list[Any]:
    """Some images a request. Where the server refuses them, one by one, to name the faulty one."""
    from kcnn.serving.client import Refused

    predictions = []
    for start in range(0, len(images), _TOGETHER):
        part = encoded[start : start + _TOGETHER]
        try:
            predictions += client.predict_images(model, part)
        except Refused as refusal:
            if refusal.status != 400:
                raise
            for image, one in zip(images[start:], part, strict=False):
                try:
                    client.predict_images(model, [one])
                except Refused as error:
                    raise DataError(f"{image}: {error}") from None
            raise
    return predictions


def _read(image: Path) -> bytes:
    try:
        return image.read_bytes()
    except OSError as error:
        raise DataError(f"{image}: {error.strerror}") from None


def _newest() -> str:
    """The model that was exported last."""
    from kcnn.serving.repository import exported, versions
    from kcnn.workspace import Workspace

    directory = Workspace().saved_models
    folders = [folder for name in exported(directory) for folder in versions(directory, name).values()]
    if not folders:
        raise InputError(f"no model is exported in {directory}: name one with --model")
    return max(folders, key=lambda folder: folder.stat().st_mtime).parent.name
