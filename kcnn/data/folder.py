"""Folders with a folder a class: `<class>/*`, or `{train,val[,test]}/<class>/*`."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kcnn.data.files import SPLITS, SUFFIXES, check_splits, visible
from kcnn.data.source import Item, Listing, set_aside_test
from kcnn.errors import DataError

WHOLE = "all"
"""The name of what comes in one piece."""


@dataclass(frozen=True)
class Listed:
    """Class names, files with labels by split, or as `WHOLE`, and notes on what was left out."""

    classes: tuple[str, ...]
    splits: Mapping[str, tuple[list[Item], np.ndarray]]
    notes: tuple[str, ...]


def folder(path: Path, split_seed: int) -> Listing:
    """The images of a folder; without `train/` and `val/` a fifth of every class is set aside as `test`.

    Raises `DataError` as `listed` does.
    """
    found = listed(path, SUFFIXES, "images")
    splits = set_aside_test(*found.splits[WHOLE], split_seed) if WHOLE in found.splits else dict(found.splits)
    return Listing(found.classes, splits, 3, notes=found.notes)


def listed(path: Path, suffixes: Set[str], what: str, parts: Set[str] = frozenset()) -> Listed:
    """The files with these suffixes, and the folders below a class of files with those of `parts`, each of which is one
    item; `what` they are called in several.

    Raises `DataError` where there are none, fewer than two classes, an empty class, or splits that disagree.
    """
    if not path.is_dir():
        raise DataError(f"{path} is a file, not a folder of classes" if path.exists() else f"no folder {path}")
    names = [child.name for child in _folders(path)]
    check_splits(path, names)
    if "train" not in names:
        classes, files, notes = _split(path, suffixes, what, parts)
        return Listed(classes, {WHOLE: files}, notes)
    found = {name: _split(path / name, suffixes, what, parts) for name in SPLITS if name in names}
    for name, (classes, _, _) in found.items():
        if classes != found["train"][0]:
            odd = sorted(set(classes) ^ set(found["train"][0]))
            raise DataError(f"{path}: train/ and {name}/ differ in the classes {', '.join(odd)}")
    notes = tuple(note for _, _, notes in found.values() for note in notes)
    return Listed(found["train"][0], {name: files for name, (_, files, _) in found.items()}, notes)


def _split(
    path: Path, suffixes: Set[str], what: str, parts: Set[str]
) -> tuple[tuple[str, ...], tuple[list[Item], np.ndarray], tuple[str, ...]]:
    """Class names, files with labels, and a note on files that are none, of one `<class>/*` folder."""
    classes = tuple(child.name for child in _folders(path))
    if len(classes) < 2:
        found = f"only the class {classes[0]!r}" if classes else "no class folders"
        raise DataError(f"{path} has {found}: at least two folders of {what} are needed")
    items: list[Item] = []
    labels: list[int] = []
    others = 0
    for label, name in enumerate(classes):
        files = [file for file in visible((path / name).rglob("*"), path) if file.is_file()]
        of_folders = [file for file in files if file.suffix.lower() in parts and file.parent != path / name]
        whole = [file for file in files if file.suffix.lower() in suffixes]
        chosen = sorted({*whole, *(file.parent for file in of_folders)})
        if not chosen:
            raise DataError(f"{path / name} has no {what} ({', '.join(sorted(suffixes))})")
        others += len(files) - len(whole) - len(of_folders)
        items += chosen
        labels += [label] * len(chosen)
    notes = (f"{path}: {others} files are not {what} by their suffix and were left out",) if others else ()
    return classes, (items, np.array(labels, np.int64)), notes


def _folders(path: Path) -> list[Path]:
    return visible((child for child in path.iterdir() if child.is_dir()), path)
