"""Folders of photographs: `<class>/*`, or `{train,val[,test]}/<class>/*`."""

from pathlib import Path

import numpy as np

from kcnn.data.files import SUFFIXES, check_splits, visible
from kcnn.data.source import Item, Listing, set_aside_test
from kcnn.errors import DataError


def folder(path: Path, split_seed: int) -> Listing:
    """The images of a folder; without `train/` and `val/` a fifth of every class is set aside as `test`.

    Raises `DataError` where there are no images, fewer than two classes, an empty class, or splits that disagree.
    """
    if not path.is_dir():
        raise DataError(f"{path} is a file, not a folder of classes" if path.exists() else f"no folder {path}")
    names = [child.name for child in _folders(path)]
    check_splits(path, names)
    if "train" not in names:
        classes, (items, labels), notes = _split(path)
        return Listing(classes, set_aside_test(items, labels, split_seed), 3, notes=notes)
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
        files = [file for file in visible((path / name).rglob("*"), path) if file.is_file()]
        images = [file for file in files if file.suffix.lower() in SUFFIXES]
        if not images:
            raise DataError(f"{path / name} has no images ({', '.join(sorted(SUFFIXES))})")
        others += len(files) - len(images)
        items += images
        labels += [label] * len(images)
    notes = (f"{path}: {others} files are not images by their suffix and were left out",) if others else ()
    return classes, (items, np.array(labels, np.int64)), notes


def _folders(path: Path) -> list[Path]:
    return visible((child for child in path.iterdir() if child.is_dir()), path)
