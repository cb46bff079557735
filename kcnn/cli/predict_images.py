"""What `kcnn predict` does with images, and with the names of classes."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.cli.asking import TOGETHER, asked, contents
from kcnn.cli.output import percent, print_json, print_table, say
from kcnn.errors import DataError, InputError
from kcnn.workspace import atomic_file, file_name

if TYPE_CHECKING:
    from kcnn.serving.client import Client

_BYTES = 8 << 20
"""How much of images one request holds at most."""


def about_images(
    client: "Client",
    model: str,
    kind: str,
    images: Sequence[Path],
    names: Sequence[str],
    seed: int,
    top: int,
    output: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Ask about images, or a generator for images of the classes `names`; write and print the answers."""
    from kcnn.serving.answers import Mask, Picture

    encoded = [_read(image) for image in images]
    targets = _targets(kind, model, images, names, seed, output, overwrite)
    answers: list[Any]
    if names:
        seeds = [seed + place for place in range(len(names))]
        wanted, answers = list(names), list(client.generate(model, list(names), seeds))
    else:
        wanted, answers = [str(image) for image in images], _ask(client, model, images, encoded)
    if isinstance(answers[0], Picture) and not targets:
        raise InputError(f"{model} answers with images: -o FOLDER says where to write them")
    for target, answer in zip(targets, answers, strict=False):
        with atomic_file(target) as temporary:
            temporary.write_bytes(answer.png)
    files: list[str | None] = [str(target) for target in targets] if targets else [None] * len(answers)
    if as_json:
        print_json({"predictions": [_json(*row) for row in zip(wanted, answers, files, strict=True)]})
    elif isinstance(answers[0], Picture):
        print_table(("asked", "written"), list(zip(wanted, files, strict=True)))
    elif isinstance(answers[0], Mask):
        _print_masks(wanted, answers, files)
    else:
        print_classes("image", wanted, answers, top)


def _targets(
    kind: str,
    model: str,
    images: Sequence[Path],
    names: Sequence[str],
    seed: int,
    folder: Path | None,
    overwrite: bool,
) -> list[Path]:
    """The file of each answer, where the model answers files and a folder is given; it is made if need be.

    Raises InputError where a model makes no images of classes or answers no files, two answers would have one file, or
    a file is there.
    """
    if bool(names) != (kind == "generator"):
        what = "makes no images of classes: give it images" if names else "needs the names of classes: --class NAME"
        raise InputError(f"{model} {what}")
    if folder is None:
        return []
    if kind == "classes":
        raise no_files(model)
    if kind == "generator":
        stems = [f"{file_name(name)}_{seed + place}" for place, name in enumerate(names)]
    else:
        stems = [f"{image.stem}_mask" if kind == "masks" else image.stem for image in images]
    targets = [folder / f"{stem}.png" for stem in stems]
    free(targets, images, folder, overwrite)
    return targets


def no_files(model: str) -> InputError:
    """Of a model whose answers are no files, where -o says where to write them."""
    return InputError(f"-o is for answers that are files, and {model} answers with names or numbers: leave it out")


def free(targets: Sequence[Path], asked: Sequence[Path], folder: Path, overwrite: bool) -> None:
    """Make the folder that -o names, where all targets can be written.

    Raises InputError where two are one file, one is there and may not be replaced, or is what is asked about.
    """
    if twice := next((target for target in targets if targets.count(target) > 1), None):
        raise InputError(f"{twice} would be written twice: ask for files of the same name apart")
    there = [target for target in targets if target.exists()]
    if there and not overwrite:
        raise InputError(f"{there[0]} is there already: --overwrite replaces it")
    if own := next((target for target in there if any(map(target.samefile, filter(Path.exists, asked)))), None):
        raise InputError(f"{own} is what is asked about: write to another folder")
    if not folder.is_dir() and (folder.exists() or not folder.absolute().parent.is_dir()):
        raise InputError(f"-o must be a folder, or the name of one to make, got {str(folder)!r}")
    folder.mkdir(exist_ok=True)


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


def print_classes(what: str, asked: Sequence[str], predictions: Sequence[Any], top: int) -> None:
    """A table of what a classifier says, and of the classes that come after the best."""
    rows = []
    for name, answer in zip(asked, predictions, strict=True):
        best = sorted(answer.probabilities.items(), key=lambda item: -item[1])[:top]
        others = ", ".join(f"{label} {percent(share)}" for label, share in best[1:])
        rows.append((name, answer.class_name, percent(answer.probability), others))
    print_table((what, "class", "probability", "then"), rows)


def say_classes(what: str, asked: Sequence[str], predictions: Sequence[Any], top: int, as_json: bool) -> None:
    """What a classifier says, as a table or as one JSON object."""
    if not as_json:
        print_classes(what, asked, predictions, top)
        return
    rows = [
        {what: name, "class": answer.class_name, "probabilities": answer.probabilities}
        for name, answer in zip(asked, predictions, strict=True)
    ]
    print_json({"predictions": rows})


def _ask(client: "Client", model: str, images: Sequence[Path], encoded: Sequence[bytes]) -> list[Any]:
    """Some images a request."""
    predictions: list[Any] = []
    for some in _requests(encoded):
        part = [encoded[index] for index in some]
        predictions += asked(partial(client.answers, model), part, [str(images[index]) for index in some])
    return predictions


def _requests(encoded: Sequence[bytes]) -> Iterator[list[int]]:
    """Which images go together; a large one goes alone."""
    some: list[int] = []
    for index, image in enumerate(encoded):
        if some and (len(some) == TOGETHER or sum(len(encoded[one]) for one in some) + len(image) > _BYTES):
            yield some
            some = []
        some.append(index)
    yield some


def _read(image: Path) -> bytes:
    """A file as it is; a TIFF, which no graph of TensorFlow decodes, as PNG."""
    if image.suffix.lower() not in (".tif", ".tiff"):
        return contents(image)
    try:
        return _as_png(image)
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
