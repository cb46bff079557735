"""Tables of numbers in CSV files, by line. No TensorFlow."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kcnn.errors import DataError

NOTHING = ("", "na", "nan", "null", "none")
"""What stands for a missing value, in any case."""


class Faulty(ValueError):
    """What is wrong with a value, in words that need a file and a line before them."""


@dataclass(frozen=True)
class Table:
    """The names of the columns, and the rows below them with their lines."""

    file: Path
    header: tuple[str, ...]
    rows: Sequence[tuple[int, list[str]]]


def table(file: Path) -> Table:
    """A file with a header; empty lines are left out, but between those of a single column, where nothing is missing.

    Raises `DataError` for what is no CSV in UTF-8, a column that comes twice, a row longer than the header, and where
    there are no rows.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream, strict=True)
            rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except OSError as error:
        raise DataError(f"{file}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file} is no CSV file in UTF-8: {error}") from None
    rows = _without_empty(rows)
    if len(rows) < 2:
        raise DataError(f"{file} has no rows below its header")
    header = rows[0][1]
    if twice := next((name for name in header if header.count(name) > 1), None):
        raise DataError(f"{file} has the column {twice!r} twice")
    if long := next(((line, row) for line, row in rows if len(row) > len(header)), None):
        raise DataError(f"{file}, line {long[0]}: {len(long[1])} values, the header has {len(header)}")
    return Table(file, tuple(header), rows[1:])


def _without_empty(rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """The rows that are not empty; with one column an empty line before the last row is a gap."""
    filled = [index for index, (_, row) in enumerate(rows) if row]
    if not filled or len(rows[filled[0]][1]) > 1:
        return [rows[index] for index in filled]
    return [(line, row or [""]) for line, row in rows[filled[0] : filled[-1] + 1]]


def numbers(cells: Sequence[Sequence[str]], columns: Sequence[str]) -> np.ndarray:
    """Cells by row and column as float32, NaN where there is nothing. Raises `Faulty` for what is no finite number."""
    values = np.full((len(cells), len(columns)), np.nan, np.float32)
    for step, row in enumerate(cells):
        for column, cell in enumerate(row):
            if cell.lower() in NOTHING:
                continue
            try:
                with np.errstate(over="ignore"):
                    values[step, column] = float(cell)
            except ValueError:
                raise Faulty(f"{cell!r} in {columns[column]} at step {step + 1} is no number") from None
            if not np.isfinite(values[step, column]):
                raise Faulty(f"{cell!r} in {columns[column]} at step {step + 1} is not finite")
    return values
