"""Folders of photographs: `<class>/*`, or `{train,val[,test]}/<class>/*`."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from kcnn.data.source import Item, Listing, share_out
from kcnn.errors import DataError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif"})
TEST_SHARE = 0.2


def folder(path: Path, split_seed: int) -> Listing:
    """The images of a folder; without `train/` and `val/` a fifth of every class is set aside as `test`.

    Raises `DataError` where there are no images, fewer than two classes, an empty class, or splits that disagree.
    """
    if not path.is_dir():
        raise DataError(f"{path} is a file, not a folder of classes" if path.exists() else f"no folder {path}")
    names = [child.name for child in _folders(path)]
    if "train" not in names:
        classes, (items, labels), notes = _split(path)
        train, test = share_out(labels, TEST_SHARE, split_seed)
        parts = {"train": train, "test": test}
        splits = {name: ([items[i] for i in part], labels[part]) for name, part in parts.items()}
        return Listing(classes, {name: split for name, split in splits.items() if len(split[1])}, 3, notes=notes)
    found = {name: _split(path / name) for name in ("train", "val", "test") if name in names}
    for name, (classes, _, _) in found.items():
        if classes != found["train"][0]:
            odd = sorted(set(classes) ^ set(found["train"][0]))
            raise DataError(f"{path}: train/ and {name}/ differ in the classes {', '.join(odd)}")
    notes = tuple(note for _, _, notes in found.values() for note in notes)
    return Listing(found["train"][0], {name: split for name, (_, split, _) in found.items()}, 3, notes=notes)


def _split(path: Path) -> tuple[tuple[str, ...], tuple[list[Item], np.ndarray], tuple[str, ...]]:
    """Class names, files with labels, and a note on files that are not images, of one `<class>/*` folder."""
    classes = tuple(child.name for child in _folders(path))
    if len(classes) < 2:
        found = f"only the class {classes[0]!r}" if classes else "no class folders"
        raise DataError(f"{path} has {found}: at least two folders of images are needed")
    items: list[Item] = []
    labels: list[int] = []
    others = 0
    for label, name in enumerate(classes):
        files = [file for file in _sorted((path / name).rglob("*")) if file.is_file()]
        images = [file for file in files if file.suffix.lower() in SUFFIXES]
        if not images:
            raise DataError(f"{path / name} has no images ({', '.join(sorted(SUFFIXES))})")
        others += len(files) - len(images)
        items += images
        labels += [label] * len(images)
    notes = (f"{path}: {others} files are not images by their suffix and were left out",) if others else ()
    return classes, (items, np.array(labels, np.int64)), notes


def _folders(path: Path) -> list[Path]:
    return _sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith("."))


def _sorted(paths: Iterable[Path]) -> list[Path]:
    """By name, hidden files left out, so that the order does not depend on the file system."""
    return sorted(path for path in paths if not path.name.startswith("."))
