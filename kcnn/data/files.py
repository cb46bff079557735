"""What lies in a folder of data, whatever its layout. No TensorFlow."""

import re
from collections.abc import Iterable
from pathlib import Path

from kcnn.errors import DataError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif"})
"""Of the files that TensorFlow decodes."""

WAV_SUFFIXES = frozenset({".wav"})

VIDEO_SUFFIXES = frozenset({".gif", ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm"})

FRAME_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})
"""Of the frames in a folder that is a clip."""

TIFF_SUFFIXES = frozenset({".tif", ".tiff"})

SPLITS = ("train", "val", "test")

_OTHER_NAMES = frozenset({"training", "valid", "validation", "dev", "eval", "testing"})


def visible(paths: Iterable[Path], below: Path) -> list[Path]:
    """By name, so that the order does not depend on the file system; without what is hidden or in a hidden folder."""
    return sorted(path for path in paths if not any(part.startswith(".") for part in path.relative_to(below).parts))


def frames_of(path: Path) -> tuple[Path, ...]:
    """The frames of a folder that is a clip by their names, numbers in these by their value: 2 comes before 10.

    Raises `DataError` where there are none.
    """
    found = (file for file in path.iterdir() if file.suffix.lower() in FRAME_SUFFIXES and file.is_file())
    if not (frames := tuple(sorted(visible(found, path), key=lambda file: _natural(file.stem)))):
        raise DataError(f"{path} has no frames ({', '.join(sorted(FRAME_SUFFIXES))})")
    return frames


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def check_splits(path: Path, names: Iterable[str]) -> None:
    """Raise `DataError` where a folder in `path` is named as a split is elsewhere, so that it is not passed over."""
    if foreign := [name for name in names if name.lower() in _OTHER_NAMES]:
        raise DataError(f"{path} has {', '.join(foreign)}: kcnn knows splits as train, val and test")


def tables(path: Path) -> tuple[dict[str, Path], tuple[str, ...]]:
    """The .csv files of a folder by split, and notes on what else is in it.

    Raises `DataError` where there is no train.csv, or one is named as a split is elsewhere.
    """
    children = visible(path.iterdir(), path)
    found = {child.stem: child for child in children if child.is_file() and child.suffix.lower() == ".csv"}
    check_splits(path, found)
    if "train" not in found:
        names = ", ".join(file.name for file in found.values()) or "no .csv"
        raise DataError(f"{path} has {names} but no train.csv: name a single .csv itself")
    used = {split: found[split] for split in SPLITS if split in found}
    return used, left_aside(set(children) - set(used.values()))


def left_aside(paths: Iterable[Path]) -> tuple[str, ...]:
    """A note on each of what is in a folder and not used."""
    return tuple(f"{path} is not used and was left out" for path in sorted(paths))
