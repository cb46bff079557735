"""`kcnn predict`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from kcnn.cli.output import json_option, percent, print_json, print_table, say
from kcnn.errors import DataError, InputError
from kcnn.workspace import atomic_file

_TOGETHER = 32


@click.command()
@click.argument("images", nargs=-1, type=click.Path(path_type=Path), metavar="[IMAGE]...")
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
    "-o", "--output", type=click.Path(path_type=Path), metavar="FOLDER", help="Where masks and images are written."
)
@click.option("--class", "names", multiple=True, metavar="NAME", help="Ask a generator for an image of a class.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Of the first such image.")
@json_option
def predict(
    images: tuple[Path, ...],
    server: str,
    model: str | None,
    top: int,
    output: Path | None,
    names: tuple[str, ...],
    seed: int,
    as_json: bool,
) -> None:
    """Ask a server (kcnn serve, or TF Serving) about each IMAGE.

    A classifier says what is on it, a segmentation answers a mask, an autoencoder its reconstruction; a generator makes
    an image of each class that is named.

    \b
    kcnn predict photo.jpg
    kcnn predict slice.png --model unet_membranes -o masks
    kcnn predict --class 7 --class 3 --model dcgan_mnist -o digits
    """
    from kcnn.serving.client import Client, Mask, Picture

    if bool(images) == bool(names):
        raise InputError("give images, or with --class the names of classes for a generator")
    if output is not None and not output.is_dir():
        raise InputError(f"-o must be a folder that is there, got {str(output)!r}")
    encoded = [_read(image) for image in images]
    client, name = Client(server), model or _newest()
    if names:
        asked = [f"{label}_{seed + place}" for place, label in enumerate(names)]
        answers = _generated(client, name, names, seed)
    else:
        asked = [str(image) for image in images]
        answers = _ask(client, name, images, encoded)
    if any(isinstance(answer, Picture) for answer in answers) and output is None:
        raise InputError(f"{name} answers with images: -o FOLDER says where to write them")
    files = _written(asked, answers, output)
    if as_json:
        print_json({"predictions": [_json(*row) for row in zip(asked, answers, files, strict=True)]})
    elif isinstance(answers[0], Picture):
        print_table(("asked", "written"), list(zip(asked, files, strict=True)))
    elif isinstance(answers[0], Mask):
        _print_masks(asked, answers, files)
    else:
        _print_classes(asked, answers, top)


def _generated(client: Any, model: str, names: Sequence[str], seed: int) -> list[Any]:
    """An image of each class. Raises InputError where the model makes none."""
    if client.inputs(model) != {"class_name", "seed"}:
        raise InputError(f"{model} makes no images of classes: give it images, without --class")
    return client.generate(model, list(names), [seed + place for place in range(len(names))])


def _written(asked: Sequence[str], answers: Sequence[Any], folder: Path | None) -> list[str | None]:
    """The file of each answer that is one, named after what was asked."""
    files: list[str | None] = []
    for name, answer in zip(asked, answers, strict=True):
        if folder is None or not hasattr(answer, "png"):
            files.append(None)
            continue
        kind = "_mask" if hasattr(answer, "shares") else ""
        path = folder / f"{Path(name).stem}{kind}.png"
        if str(path) in files or (not kind and path.exists() and path.samefile(name)):
            raise InputError(f"{path} would be written twice, or over what was asked: ask for it apart")
        with atomic_file(path) as temporary:
            temporary.write_bytes(answer.png)
        files.append(str(path))
    return files


def _json(name: str, answer: Any, file: str | None) -> dict[str, Any]:
    if hasattr(answer, "png"):
        shares = {"shares": answer.shares} if hasattr(answer, "shares") else {}
        return {"asked": name, "written": file, **shares}
    return {"image": name, "class": answer.class_name, "probabilities": answer.probabilities}


def _print_masks(asked: Sequence[str], masks: Sequence[Any], files: Sequence[str | None]) -> None:
    classes = list(masks[0].shares)
    rows = [
        (name, *(percent(mask.shares[label]) for label in classes), file)
        for name, mask, file in zip(asked, masks, files, strict=True)
    ]
    print_table(("image", *classes, "mask"), rows)
    if files[0] is None:
        say("-o FOLDER writes the masks")


def _print_classes(asked: Sequence[str], predictions: Sequence[Any], top: int) -> None:
    rows = []
    for name, answer in zip(asked, predictions, strict=True):
        best = sorted(answer.probabilities.items(), key=lambda item: -item[1])[:top]
        others = ", ".join(f"{label} {percent(share)}" for label, share in best[1:])
        rows.append((name, answer.class_name, percent(answer.probability), others))
    print_table(("image", "class", "probability", "then"), rows)


def _ask(client: Any, model: str, images: Sequence[Path], encoded: list[bytes]) -> list[Any]:
    """Some images a request. Where the server refuses them, one by one, to name the faulty one."""
    from kcnn.serving.client import Refused

    predictions = []
    for start in range(0, len(images), _TOGETHER):
        part = encoded[start : start + _TOGETHER]
        try:
            predictions += client.answers(model, part)
        except Refused as refusal:
            if refusal.status != 400:
                raise
            for image, one in zip(images[start:], part, strict=False):
                try:
                    client.answers(model, [one])
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
