"""What the user calls a dataset: `digits`, `adding`, `tfds:NAME`, or a path. No TensorFlow until it is opened."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from kcnn.data import lines, pairs, sequences
from kcnn.errors import DataError, InputError, unknown
from kcnn.recipes.audio import Audio
from kcnn.recipes.data import Images, Masks, Pixels
from kcnn.recipes.forecast import Forecast
from kcnn.recipes.recipe import Data
from kcnn.recipes.series import Series
from kcnn.recipes.text import Text
from kcnn.recipes.video import CLASSES, GENERATED, Video

if TYPE_CHECKING:
    from kcnn.data.images import Examples
    from kcnn.data.masked import MaskedExamples
    from kcnn.data.series import SeriesExamples, SeriesPreparation
    from kcnn.data.source import Progress, Source

_EMBEDDED = ("digits",)


def check(data: Data) -> None:
    """Refuse a source that is none, before anything heavy is imported.

    Raises `InputError` with the nearest name, `DataError` for a path that is not there or has another layout.
    """
    match data:
        case Images():
            _check_images(data.source)
        case Masks():
            if data.source in _EMBEDDED or data.source.startswith("tfds:"):
                raise InputError(f"data.source must be a folder of images and masks, got {data.source!r}")
            pairs.layout(Path(data.source))
        case Series():
            sequences.check(data)
        case Text():
            lines.check(data.source)
        case Audio():
            _check_folder(data.source, "tfds:spoken_digit")
        case Video():
            _check_clips(data)
        case Forecast():
            from kcnn.data import dated

            dated.check(data.source)


def _check_images(source: str) -> None:
    if source not in _EMBEDDED:
        _check_folder(source, "tfds:mnist")


def _check_folder(source: str, example: str) -> None:
    """Refuse what is no folder and no dataset; `example` is one."""
    if source.startswith("tfds:") or Path(source).is_dir():
        if source == "tfds:":
            raise InputError(f"data.source must name a dataset after tfds:, for example {example}")
        return
    if "/" in source or source.startswith(".") or Path(source).exists():
        kind = "a file, not a folder of classes" if Path(source).exists() else "not there"
        raise DataError(f"{source} is {kind}")
    known = [*_EMBEDDED, *(f"tfds:{name}" for name in _prepared())]
    raise unknown("dataset", source, known)


def _check_clips(data: Video) -> None:
    """Refuse what is no folder and is not generated, and fewer clips than classes."""
    source = data.source
    if source in GENERATED:
        if data.examples < CLASSES:
            raise InputError(f"data.examples of {source} must be at least {CLASSES}, got {data.examples}")
    elif source.startswith("tfds:"):
        raise InputError(f"data.source must be {', '.join(GENERATED)} or a folder of clips, got {source!r}")
    elif not Path(source).is_dir():
        if "/" not in source and not source.startswith(".") and not Path(source).exists():
            raise unknown("source of clips", source, GENERATED)
        raise DataError(f"{source} is {'a file, not a folder of classes' if Path(source).exists() else 'not there'}")


def absolute(data: Data) -> str:
    """The same address, valid from every folder."""
    kinds = {"images": _EMBEDDED, "series": tuple(sequences.GENERATED), "audio": (), "video": GENERATED}
    names = kinds.get(data.kind)
    named = names is not None and (data.source in names or data.source.startswith("tfds:"))
    return data.source if named else str(Path(data.source).absolute())


def label(source: str) -> str:
    """A short name of the dataset, for what is named after it: letters, digits, _ and -."""
    last = source.removeprefix("tfds:").rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"[^A-Za-z0-9_-]", "_", last) or "data"


@overload
def load(data: Images, progress: "Progress | None" = None, pixels: Pixels | None = None) -> "Source[Examples]": ...


@overload
def load(data: Masks, progress: "Progress | None" = None, pixels: Pixels | None = None) -> "Source[MaskedExamples]": ...


@overload
def load(data: Data, progress: "Progress | None" = None, pixels: Pixels | None = None) -> "Source[Any, Any]": ...


def load(data: Data, progress: "Progress | None" = None, pixels: Pixels | None = None) -> "Source[Any, Any]":
    """The source that a recipe names, decoded and checked; `progress` hears how far the reading is.

    With `pixels` the images are presented as a network's weights expect them, without by the statistics of train.
    """
    check(data)
    match data:
        case Images():
            return _images(data, progress, pixels)
        case Masks():
            from kcnn.data import masks

            return masks.load(data, progress, pixels)
        case Series():
            return _series(data, progress)
        case Text():
            from kcnn.data import sentences

            return sentences.load(data, progress)
        case Audio():
            from kcnn.data import recordings

            return recordings.load(data, progress)
        case Video():
            from kcnn.data import videos

            return videos.load(data, progress, pixels)
        case Forecast():
            from kcnn.data import forecasts

            return forecasts.load(data)


def _images(data: Images, progress: "Progress | None", pixels: Pixels | None) -> "Source[Examples]":
    from kcnn.data import embedded, folder, tfds
    from kcnn.data.source import assemble

    if data.source in _EMBEDDED:
        listing = embedded.digits(data.split_seed)
    elif data.source.startswith("tfds:"):
        listing = tfds.dataset(data.source.removeprefix("tfds:"), data.split_seed)
    else:
        listing = folder.folder(Path(data.source), data.split_seed)
    return assemble(data, listing, progress, pixels)


def _series(data: Series, progress: "Progress | None") -> "Source[SeriesExamples, SeriesPreparation]":
    from kcnn.data import generated, rolls, scanned, series, tables

    if data.source.startswith("tfds:"):
        images = Images(
            source=data.source, validation=data.validation, split_seed=data.split_seed, bad_files=data.bad_files
        )
        return scanned.scanned(data, _images(images, progress, None))
    if data.source == "adding":
        listing = generated.adding(data)
    elif data.source == "copy":
        listing = generated.copy_memory(data)
    elif data.source.lower().endswith(".mat"):
        listing = rolls.piano_rolls(data)
    else:
        listing = tables.tables(data)
    return series.assemble(data, listing)


def _prepared() -> list[str]:
    """The datasets that lie prepared in TFDS's folder, for a hint only."""
    path = Path(os.environ.get("TFDS_DATA_DIR") or Path.home() / "tensorflow_datasets")
    return sorted(child.name for child in path.iterdir() if child.is_dir()) if path.is_dir() else []
