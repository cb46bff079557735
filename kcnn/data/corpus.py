"""Where labelled sentences lie: a file a class, .csv files, or either by split. No TensorFlow."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kcnn.data.files import SPLITS, check_splits, left_aside, visible
from kcnn.data.files import tables as csv_files
from kcnn.errors import DataError, nearest

_WANTED = "a file a class with one sentence a line, the same below train/, val/ and test/, or train.csv"
_ABOUT = re.compile(r"\b(readme|licen[cs]e|copying)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """The files by split (only `all` where there are none), each with the class of its lines; None for a .csv."""

    splits: Mapping[str, Mapping[Path, str | None]]
    notes: tuple[str, ...] = ()


def layout(path: Path) -> Layout:
    """The files of texts in a folder, or the one that is named.

    Raises `DataError` which says what layout is wanted.
    """
    if path.is_file():
        if not _is_table(path):
            raise DataError(f"{path} is a file, but no .csv: wanted is one, or a folder of {_WANTED}")
        return Layout({"all": {path: None}})
    if not path.is_dir():
        raise DataError(f"{path} is not there{_hint(path)}")
    children = visible(path.iterdir(), path)
    files = [child for child in children if child.is_file()]
    tables = {file.stem: file for file in files if _is_table(file)}
    folders = {child.name: child for child in children if child.is_dir()}
    check_splits(path, [*folders, *tables])
    parts = {name: folders[name] for name in SPLITS if name in folders}
    if parts and tables:
        beside = ", ".join(file.name for file in tables.values())
        raise DataError(f"{path} has {beside} beside {', '.join(parts)}: either the one or the other")
    if tables:
        used, notes = csv_files(path)
        return Layout({split: {file: None} for split, file in used.items()}, notes)
    if not parts:
        found = _classes({"all": path})
        return Layout(found.splits, (*found.notes, *left_aside(folders.values())))
    if "train" not in parts:
        raise DataError(f"{path} has {', '.join(parts)} but no train")
    found = _classes(parts)
    return Layout(found.splits, (*found.notes, *left_aside(set(children) - set(parts.values()))))


def _is_table(file: Path) -> bool:
    return file.suffix.lower() == ".csv"


def _hint(path: Path) -> str:
    """What lies beside a path that is not there and has nearly its name."""
    beside = visible(path.parent.iterdir(), path.parent) if path.parent.is_dir() else []
    match = nearest(path.name, [child.name for child in beside])
    return f": did you mean {str(path.with_name(match))!r}?" if match else ""


def _classes(folders: Mapping[str, Path]) -> Layout:
    """Of one folder of a file a class, or one a split."""
    found: dict[str, list[Path]] = {}
    notes: tuple[str, ...] = ()
    for split, folder in folders.items():
        files = [child for child in visible(folder.iterdir(), folder) if child.is_file()]
        found[split] = [file for file in files if not _ABOUT.search(file.name)]
        notes += left_aside(set(files) - set(found[split]))
        if tables := [file.name for file in files if _is_table(file)]:
            raise DataError(f"{folder} has {', '.join(tables)}: wanted is {_WANTED}")
    path, train = next(iter(folders.values())), next(iter(found.values()))
    if len(train) < 2:
        has = f"only the file {train[0].name}" if train else "no files of texts"
        raise DataError(f"{path} has {has}: wanted is {_WANTED}")
    named = _named([file.name for files in found.values() for file in files])
    return Layout({split: {file: named[file.name] for file in files} for split, files in found.items()}, notes)


def _named(files: Sequence[str]) -> dict[str, str]:
    """The classes of files: that part of their names in which they differ, stem or suffix, else the whole."""
    stems, suffixes = {Path(name).stem for name in files}, {Path(name).suffix for name in files}
    if len(suffixes) == 1:
        return {name: Path(name).stem for name in files}
    if len(stems) == 1 and "" not in suffixes:
        return {name: Path(name).suffix.removeprefix(".") for name in files}
    return {name: name for name in files}
