"""What the user calls a dataset: `digits`, `tfds:NAME`, or a path. No TensorFlow until it is opened."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, overload

from kcnn.data import pairs
from kcnn.errors import DataError, InputError, unknown
from kcnn.recipes.data import Images, Masks, Pixels

if TYPE_CHECKING:
    from kcnn.data.masked import MaskedExamples
    from kcnn.data.source import Examples, Progress, Source

_EMBEDDED = ("digits",)


def check(source: str, kind: str = "images") -> None:
    """Refuse an address that names nothing, before anything heavy is imported; `kind` is that of the recipe's data.

    Raises `InputError` with the nearest name, `DataError` for a path that is not there or a folder without masks.
    """
    if kind == "masks":
        if source in _EMBEDDED or source.startswith("tfds:"):
            raise InputError(f"data.source must be a folder of images and masks, got {source!r}")
        pairs.layout(Path(source))
        return
    if source in _EMBEDDED or source.startswith("tfds:") or Path(source).is_dir():
        if source == "tfds:":
            raise InputError("data.source must name a dataset after tfds:, for example tfds:mnist")
        return
    if "/" in source or source.startswith(".") or Path(source).exists():
        kind = "a file, not a folder of classes" if Path(source).exists() else "not there"
        raise DataError(f"{source} is {kind}")
    known = [*_EMBEDDED, *(f"tfds:{name}" for name in _prepared())]
    raise unknown("dataset", source, known)


def absolute(source: str) -> str:
    """The same address, valid from every folder."""
    return source if source in _EMBEDDED or source.startswith("tfds:") else str(Path(source).absolute())


def label(source: str) -> str:
    """A short name of the dataset, for what is named after it: letters, digits, _ and -."""
    last = source.removeprefix("tfds:").rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"[^A-Za-z0-9_-]", "_", last) or "data"


@overload
def load(data: Images, progress: "Progress | None" = None, pixels: Pixels | None = None) -> "Source[Examples]": ...


@overload
def load(data: Masks, progress: "Progress | None" = None, pixels: Pixels | None = None) -> "Source[MaskedExamples]": ...


def load(
    data: Images | Masks, progress: "Progress | None" = None, pixels: Pixels | None = None
) -> "Source[Examples] | Source[MaskedExamples]":
    """The source that a recipe names, decoded and checked; `progress` hears how far the reading is.

    With `pixels` the images are presented as a network's weights expect them, without by the statistics of train.
    """
    check(data.source, data.kind)
    from kcnn.data import embedded, folder, masks, tfds
    from kcnn.data.source import assemble

    if isinstance(data, Masks):
        return masks.load(data, progress, pixels)
    if data.source in _EMBEDDED:
        listing = embedded.digits(data.split_seed)
    elif data.source.startswith("tfds:"):
        listing = tfds.dataset(data.source.removeprefix("tfds:"), data.split_seed)
    else:
        listing = folder.folder(Path(data.source), data.split_seed)
    return assemble(data, listing, progress, pixels)


def _prepared() -> list[str]:
    """The datasets that lie prepared in TFDS's folder, for a hint only."""
    path = Path(os.environ.get("TFDS_DATA_DIR") or Path.home() / "tensorflow_datasets")
    return sorted(child.name for child in path.iterdir() if child.is_dir()) if path.is_dir() else []
