"""Series in a text file, a row a step, with dates where it has them. No TensorFlow."""

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from kcnn.data.cells import NOTHING, Faulty, as_number
from kcnn.data.rows import parsed, sound
from kcnn.errors import DataError, nearest

SUFFIXES = (".csv", ".txt", ".txt.gz")

DATE = "date"
"""The column of dates, in any case, unless another is named."""


@dataclass(frozen=True)
class Dated:
    """Levels (steps, series) in float64, the series' names, each step's line in the file, and its date, if any."""

    file: Path
    names: tuple[str, ...]
    levels: np.ndarray
    lines: Sequence[int]
    dates: tuple[datetime, ...] | None = None
    notes: tuple[str, ...] = ()

    def place(self, step: int, series: int) -> str:
        """Where a number stands: file, line and column."""
        return f"{self.file}, line {self.lines[step]}, column {self.names[series]}"

    def ordered(self, names: Sequence[str]) -> "Dated":
        """The series of these names, in their order. Raises `DataError` for one that is not there."""
        for name in names:
            check_column(self.file, name, self.names)
        return replace(self, names=tuple(names), levels=self.levels[:, [self.names.index(name) for name in names]])


def check(source: str) -> None:
    """Raise `DataError` where there is no file, or it is none that series are read from."""
    path = Path(source)
    if not path.exists():
        raise DataError(f"{source} is not there")
    if path.is_dir() or not path.name.lower().endswith(SUFFIXES):
        raise DataError(f"{source} is none of {', '.join(SUFFIXES)}")


def read(path: Path, date: str | None = None, gaps: str = "refuse", wanted: Sequence[str] | None = None) -> Dated:
    """The series of a file, or the `wanted` ones, in their order; notes say what was left out, or may be mistaken.

    What is missing is refused, or with `gaps="hold"` takes the value before. Raises `DataError`, naming file, line and
    column, for whatever else is no finite number, dates that do not ascend, and rows that are not of one length.
    """
    header, rows, notes = _split(path, _rows(path))
    dating = _date_column(path, header, date)
    names = list(wanted) if wanted is not None else [name for name in header if name != dating]
    if not names:
        raise DataError(f"{path} has no series beside {dating}")
    for name in names:
        check_column(path, name, header)
    dates = _dates(path, rows, header.index(dating), dating) if dating else None
    lines = [line for line, _ in rows]
    places = [header.index(name) for name in names]
    levels = np.array([[_number(path, line, header[p], row[p]) for p in places] for line, row in rows], np.float64)
    unused = [name for name in header if name not in names and name != dating]
    notes += [f"{path}: {', '.join(unused)} is not asked for and was left out"] if unused else []
    if dating is None:
        like = [name for name, place in zip(names, places, strict=True) if all(_date(row[place]) for _, row in rows)]
        notes += [f"{path}: column {name} is read as numbers, data.date={name} takes it for dates" for name in like]
    return _without_gaps(Dated(path, tuple(names), levels, lines, dates, tuple(notes)), gaps)


def check_logarithms(found: Dated) -> None:
    """Raise `DataError`, naming the place, where a level has no logarithm."""
    if (found.levels <= 0).any():
        step, series = np.argwhere(found.levels <= 0)[0]
        raise DataError(
            f"{found.place(step, series)}: {found.levels[step, series]:g} has no logarithm: data.changes=difference"
        )


def check_column(path: Path, name: str, names: Sequence[str]) -> None:
    """Raise `DataError`, with the nearest name, where a file has no such column."""
    if name not in names:
        match = nearest(name, names)
        hint = f"did you mean {match!r}?" if match else f"it has {', '.join(names)}"
        raise DataError(f"{path} has no column {name!r}: {hint}")


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows with their lines; empty lines may follow the last one."""
    try:
        opened = gzip.open if path.name.lower().endswith(".gz") else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
            if path.suffix.lower() == ".csv":
                rows = [(row.line, row.cells) for row in sound(path, parsed(path, stream.read()))]
            else:
                rows = [(line, _cells(text)) for line, text in enumerate(stream, 1)]
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} cannot be read: {error}") from None
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
    # A row of commas is no empty line but one in which all is missing.
    while rows and rows[-1][1] in ([], [""]):
        rows.pop()
    if not rows:
        raise DataError(f"{path} is empty")
    width = len(rows[0][1])
    for line, row in rows:
        if len(row) != width:
            raise DataError(f"{path}, line {line}: {len(row)} values, line {rows[0][0]} has {width}")
    return rows


def _cells(text: str) -> list[str]:
    """What a line of a matrix is made of: commas separate where there are any, else blanks."""
    return [cell.strip() for cell in text.split(",")] if "," in text else text.split()


def _split(path: Path, rows: list[tuple[int, list[str]]]) -> tuple[list[str], list[tuple[int, list[str]]], list[str]]:
    """The names of the columns, the rows below them, and a note on a .csv that is a matrix of numbers: it has none."""
    line, first = rows[0]
    if path.suffix.lower() != ".csv" or all(_is_number(cell) for cell in first):
        note = f"{path} begins with numbers: its columns are called 1, 2, ..., and line {line} is the first step"
        return [str(number) for number in range(1, len(first) + 1)], rows, [note] * (path.suffix.lower() == ".csv")
    for number, name in enumerate(first, 1):
        if not name:
            raise DataError(f"{path}, line {line}: column {number} has no name")
        if _date(name) or (_is_number(name) and not name.isdigit()):
            raise DataError(f"{path}, line {line}: {name!r} is no name of a column: a .csv begins with names")
        if first.count(name) > 1:
            raise DataError(f"{path}, line {line}: two columns are called {name!r}")
    if len(rows) == 1:
        raise DataError(f"{path} has no rows below its names")
    return first, rows[1:], []


def _date_column(path: Path, header: Sequence[str], date: str | None) -> str | None:
    if date is not None:
        check_column(path, date, header)
        return date
    return next((name for name in header if name.lower() == DATE), None)


def _dates(path: Path, rows: list[tuple[int, list[str]]], column: int, name: str) -> tuple[datetime, ...]:
    """The dates, each later than the one before."""
    found: list[datetime] = []
    for line, row in rows:
        date = _date(row[column])
        if date is None:
            raise DataError(f"{path}, line {line}, column {name}: {row[column]!r} is no date like 2026-01-31")
        if found and (date.tzinfo is None) != (found[0].tzinfo is None):
            raise DataError(f"{path}, line {line}, column {name}: some dates have a time zone, some have none")
        found.append(date)
    for (before, after), (line, row) in zip(pairwise(found), rows[1:], strict=True):
        if after <= before:
            what = "comes twice" if after == before else "is earlier than the date above it"
            raise DataError(f"{path}, line {line}, column {name}: {row[column]} {what}: dates must ascend")
    return tuple(found)


def _date(cell: str) -> datetime | None:
    if cell.isdigit() and len(cell) < 8:  # a year or a number, not the basic form 20260131
        return None
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        return None


def _is_number(cell: str) -> bool:
    """Whether a cell may stand in a matrix: a number, or what stands for a missing one."""
    try:
        float(cell)
    except ValueError:
        return cell.lower() in NOTHING
    return "_" not in cell


def _number(path: Path, line: int, name: str, cell: str) -> float:
    """A cell's number, NaN where there is none."""
    try:
        return as_number(cell)
    except Faulty as fault:
        hint = f": data.date={name} takes the column for dates" if _date(cell) else ""
        raise DataError(f"{path}, line {line}, column {name}: {cell!r} {fault}{hint}") from None


def _without_gaps(found: Dated, gaps: str) -> Dated:
    """The same, with what is missing refused, or held from the step before, which a note says."""
    missing = np.isnan(found.levels)
    if not missing.any():
        return found
    step, series = np.argwhere(missing)[0]
    many = f"{missing.sum()} of {missing.size} values are missing"
    if gaps == "refuse":
        raise DataError(f"{found.place(step, series)}: nothing is there, {many}: data.gaps=hold takes the one before")
    if missing[0].any():
        series = np.flatnonzero(missing[0])[0]
        raise DataError(f"{found.place(0, series)}: nothing is there, and nothing before it that could be held")
    last = np.maximum.accumulate(np.where(missing, 0, np.arange(len(missing))[:, np.newaxis]), axis=0)
    held = np.take_along_axis(found.levels, last, axis=0)
    return replace(found, levels=held, notes=(*found.notes, f"{found.file}: {many}, and were held from before"))
