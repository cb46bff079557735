"""What lies in a folder of images, whatever its layout. No TensorFlow."""

from collections.abc import Iterable
from pathlib import Path

from kcnn.errors import DataError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif"})
"""Of the files that TensorFlow decodes."""

TIFF_SUFFIXES = frozenset({".tif", ".tiff"})

SPLITS = ("train", "val", "test")

_OTHER_NAMES = frozenset({"training", "valid", "validation", "dev", "eval", "testing"})


def visible(paths: Iterable[Path], below: Path) -> list[Path]:
    """By name, so that the order does not depend on the file system; without what is hidden or in a hidden folder."""
    return sorted(path for path in paths if not any(part.startswith(".") for part in path.relative_to(below).parts))


def check_splits(path: Path, names: Iterable[str]) -> None:
    """Raise `DataError` where a folder in `path` is named as a split is elsewhere, so that it is not passed over."""
    if foreign := [name for name in names if name.lower() in _OTHER_NAMES]:
        raise DataError(f"{path} has {', '.join(foreign)}: kcnn knows splits as train, val and test")
