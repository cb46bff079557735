"""Tables of numbers in CSV files, by line. No TensorFlow."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kcnn.data.rows import Table, headed
from kcnn.errors import DataError

NOTHING = ("", "na", "nan", "null", "none")
"""What stands for a missing value, in any case."""

LARGEST = float(np.finfo(np.float32).max)
"""Of what is beyond float32 no network makes anything."""


class Faulty(ValueError):
    """What is wrong with a value, in words that need a file and a line before them."""


def table(file: Path, ragged: bool = False) -> Table:
    """A file with a header, and its rows as `headed` has them.

    Raises `DataError` as that does, for what is no CSV in UTF-8, a column without a name or that comes twice, and where
    there are no rows.
    """
    try:
        content = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        byte, line = error.object[error.start], error.object[: error.start].count(b"\n") + 1
        raise DataError(f"{file} is no CSV file in UTF-8: byte {byte:#x} in line {line}") from None
    found = headed(file, content, ragged)
    if not found.rows:
        raise DataError(f"{file} has no rows below its header")
    if "" in found.header:
        raise DataError(f"{file}: column {found.header.index('') + 1} has no name")
    if twice := next((name for name in found.header if found.header.count(name) > 1), None):
        raise DataError(f"{file} has the column {twice!r} twice")
    return found


def numbers(cells: Sequence[Sequence[str]], columns: Sequence[str]) -> np.ndarray:
    """Cells by row and column in float64, NaN where there is nothing. Raises `Faulty` for what is no finite number."""
    values = np.full((len(cells), len(columns)), np.nan)
    for step, row in enumerate(cells):
        for column, cell in enumerate(row):
            try:
                values[step, column] = as_number(cell)
            except Faulty as fault:
                raise Faulty(f"{cell!r} in {columns[column]} at step {step + 1} {fault}") from None
    return values


def as_number(cell: str) -> float:
    """A cell's number, NaN where there is nothing. Raises `Faulty` for what is none, or is beyond float32."""
    if cell.lower() in NOTHING:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        raise Faulty("is no number") from None
    # Only Python takes 1_0 for 10.
    if "_" in cell:
        raise Faulty("is no number")
    if not abs(value) <= LARGEST:
        raise Faulty("is beyond float32" if math.isfinite(value) else "is not finite")
    return value
