"""Images and their masks in a folder: `image/` and `label/`, or these in `train/`, `val/`, `test/`. No TensorFlow."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kcnn.data.files import SPLITS, SUFFIXES, TIFF_SUFFIXES, check_splits, visible
from kcnn.errors import DataError

_IMAGES = ("image", "images")
_MASKS = ("label", "labels", "mask", "masks")
_WANTED = "image/ with label/ beside it (or images/; labels/, mask/, masks/), or train/, val/ and test/ with these"


@dataclass(frozen=True)
class Pair:
    """An image's file and its mask's. `name` is the image's path below its folder."""

    name: str
    image: Path
    mask: Path


@dataclass(frozen=True)
class Pairs:
    """What a folder holds: its pairs by split (only `all` where it has none), what has no partner, notes."""

    splits: Mapping[str, Sequence[Pair]]
    faults: Sequence[str] = ()
    notes: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether the folder comes in one piece, without splits of its own."""
        return list(self.splits) == ["all"]


@dataclass(frozen=True)
class _Files:
    """Files by their path below a folder, up to the suffix; several of one name, and how many are no images."""

    by_key: Mapping[str, Path]
    twice: Sequence[Path] = field(default_factory=list)
    others: int = 0


def layout(path: Path) -> dict[str, tuple[Path, Path]]:
    """The folders of images and masks by split; the split is `all` where the folder has none.

    Raises `DataError` which says what layout is wanted.
    """
    if not path.is_dir():
        raise DataError(f"{path} is {'a file, not a folder of images and masks' if path.exists() else 'not there'}")
    names = [child.name for child in path.iterdir() if child.is_dir()]
    check_splits(path, names)
    parts = [name for name in names if name in SPLITS]
    if parts and (beside := [name for name in names if name in (*_IMAGES, *_MASKS)]):
        raise DataError(
            f"{path} has {', '.join(sorted(beside))} beside {', '.join(parts)}: either the one or the other"
        )
    if "train" not in names:
        return {"all": _sides(path)}
    return {split: _sides(path / split) for split in SPLITS if split in names}


def pairs(path: Path) -> Pairs:
    """The pairs of a folder, in the order of their names, in which 9 comes before 10.

    Raises `DataError` for another layout, or a split without a pair.
    """
    splits: dict[str, Sequence[Pair]] = {}
    faults: list[str] = []
    notes: list[str] = []
    for split, (images_folder, masks_folder) in layout(path).items():
        images, masks = _files(images_folder), _files(masks_folder)
        splits[split] = [
            Pair(image.relative_to(images_folder).as_posix(), image, masks.by_key[key])
            for key, image in images.by_key.items()
            if key in masks.by_key
        ]
        faults += [f"{file} (no mask)" for key, file in images.by_key.items() if key not in masks.by_key]
        faults += [
            f"{file} (a mask without an image)" for key, file in masks.by_key.items() if key not in images.by_key
        ]
        faults += [f"{file} (another file has its name up to the suffix)" for file in (*images.twice, *masks.twice)]
        if others := images.others + masks.others:
            notes.append(f"{path}: {others} files are not images by their suffix and were left out")
        if not splits[split]:
            suffixes = ", ".join(sorted(SUFFIXES | TIFF_SUFFIXES))
            raise DataError(f"{images_folder} and {masks_folder} have no file in common by its name ({suffixes})")
    return Pairs(splits, faults, tuple(notes))


def _sides(path: Path) -> tuple[Path, Path]:
    """The folders of images and of masks in `path`."""
    sides = []
    for names in (_IMAGES, _MASKS):
        found = [path / name for name in names if (path / name).is_dir()]
        if not found:
            raise DataError(f"{path} has no folder {names[0]}/: wanted are {_WANTED}")
        if len(found) > 1:
            raise DataError(f"{path} has both {found[0].name}/ and {found[1].name}/: one of them is wanted")
        sides.append(found[0])
    return sides[0], sides[1]


def _files(folder: Path) -> _Files:
    files = [file for file in visible(folder.rglob("*"), folder) if file.is_file()]
    known = [file for file in files if file.suffix.lower() in SUFFIXES | TIFF_SUFFIXES]
    by_key: dict[str, Path] = {}
    twice = []
    for file in known:
        key = file.relative_to(folder).with_suffix("").as_posix()
        if by_key.setdefault(key, file) is not file:
            twice.append(file)
    ordered = {key: by_key[key] for key in sorted(by_key, key=_natural)}
    return _Files(ordered, twice, len(files) - len(known))


def _natural(key: str) -> list[str | int]:
    """For sorting: numbers by their value."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", key)]
