"""`kcnn predict`."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kcnn.cli.output import json_option, percent, print_json, print_table, say
from kcnn.errors import DataError, InputError
from kcnn.workspace import atomic_file

if TYPE_CHECKING:
    from kcnn.serving.client import Client

_TOGETHER = 32
_BYTES = 8 << 20
"""How many images, and how much of them, one request holds at most."""


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
    "-o", "--output", type=click.Path(path_type=Path), metavar="FOLDER", help="Where to write masks and images."
)
@click.option("--overwrite", is_flag=True, help="Replace files that are in FOLDER.")
@click.option("--class", "names", multiple=True, metavar="NAME", help="Ask a generator for an image of a class.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Of the first such image.")
@click.option(
    "--timeout", default=60.0, show_default=True, type=click.FloatRange(min=0, min_open=True), help="Seconds."
)
@json_option
def predict(
    images: tuple[Path, ...],
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
    encoded = [_read(image) for image in images]
    client, name = Client(server, timeout), model or _newest()
    targets = _targets(client, name, images, names, seed, output, overwrite)
    if names:
        seeds = [seed + place for place in range(len(names))]
        asked, answers = list(names), list(client.generate(name, list(names), seeds))
    else:
        asked, answers = [str(image) for image in images], _ask(client, name, images, encoded)
    if isinstance(answers[0], Picture) and not targets:
        raise InputError(f"{name} answers with images: -o FOLDER says where to write them")
    for target, answer in zip(targets, answers, strict=False):
        with atomic_file(target) as temporary:
            temporary.write_bytes(answer.png)
    files: list[str | None] = [str(target) for target in targets] if targets else [None] * len(answers)
    if as_json:
        print_json({"predictions": [_json(*row) for row in zip(asked, answers, files, strict=True)]})
    elif isinstance(answers[0], Picture):
        print_table(("asked", "written"), list(zip(asked, files, strict=True)))
    elif isinstance(answers[0], Mask):
        _print_masks(asked, answers, files)
    else:
        _print_classes(asked, answers, top)


def _targets(
    client: "Client",
    model: str,
    images: Sequence[Path],
    names: Sequence[str],
    seed: int,
    folder: Path | None,
    overwrite: bool,
) -> list[Path]:
    """The file of each answer, where the model answers files and a folder is given; it is made if need be.

    Raises InputError where a model makes no images of classes, two answers would have one file, or a file is there.
    """
    if folder is None and not names:
        return []
    kind = client.kind(model)
    if bool(names) != (kind == "generator"):
        what = "makes no images of classes: give it images" if names else "needs the names of classes: --class NAME"
        raise InputError(f"{model} {what}")
    if folder is None or kind == "classes":
        return []
    if kind == "generator":
        safe = [re.sub(r"[^\w.-]+", "_", name) for name in names]
        stems = [f"{name}_{seed + place}" for place, name in enumerate(safe)]
    else:
        stems = [f"{image.stem}_mask" if kind == "masks" else image.stem for image in images]
    targets = [folder / f"{stem}.png" for stem in stems]
    if twice := next((target for target in targets if targets.count(target) > 1), None):
        raise InputError(f"{twice} would be written twice: ask for images of the same name apart")
    if there := next((target for target in targets if target.exists()), None):
        if not overwrite:
            raise InputError(f"{there} is there already: --overwrite replaces it")
        if any(image.exists() and image.samefile(there) for image in images):
            raise InputError(f"{there} is what is asked about: write to another folder")
    if not folder.is_dir() and (folder.exists() or not folder.absolute().parent.is_dir()):
        raise InputError(f"-o must be a folder, or the name of one to make, got {str(folder)!r}")
    folder.mkdir(exist_ok=True)
    return targets


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


def _ask(client: "Client", model: str, images: Sequence[Path], encoded: Sequence[bytes]) -> list[Any]:
    """Some images a request. Where the server refuses them, one by one, to name the faulty one."""
    from kcnn.serving.client import Refused

    predictions: list[Any] = []
    for some in _requests(encoded):
        part = [encoded[index] for index in some]
        try:
            predictions += client.answers(model, part)
        except Refused as refusal:
            if refusal.status != 400:
                raise
            for index in some:
                try:
                    client.answers(model, [encoded[index]])
                except Refused as error:
                    raise DataError(f"{images[index]}: {error}") from None
            raise
    return predictions


def _requests(encoded: Sequence[bytes]) -> Iterator[list[int]]:
    """Which images go together; a large one goes alone."""
    some: list[int] = []
    for index, image in enumerate(encoded):
        if some and (len(some) == _TOGETHER or sum(len(encoded[one]) for one in some) + len(image) > _BYTES):
            yield some
            some = []
        some.append(index)
    yield some


def _read(image: Path) -> bytes:
    """A file as it is; a TIFF, which no graph of TensorFlow decodes, as PNG."""
    try:
        if image.suffix.lower() in (".tif", ".tiff"):
            return _as_png(image)
        return image.read_bytes()
    except OSError as error:
        raise DataError(f"{image}: {error.strerror or error}") from None


def _as_png(image: Path) -> bytes:
    from io import BytesIO

    from PIL import Image

    from kcnn.arithmetic.pixels import quantise
    from kcnn.filters import pictures

    stream = BytesIO()
    Image.fromarray(quantise(pictures.read(image).on_white.clip(0, 1), 8)).save(stream, "PNG")
    return stream.getvalue()


def _newest() -> str:
    """The model that was exported last."""
    from kcnn.serving.repository import exported, versions
    from kcnn.workspace import Workspace

    directory = Workspace().saved_models
    folders = [folder for name in exported(directory) for folder in versions(directory, name).values()]
    if not folders:
        raise InputError(f"no model is exported in {directory}: name one with --model")
    return max(folders, key=lambda folder: folder.stat().st_mtime).parent.name
