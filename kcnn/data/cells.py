"""Tables of numbers in CSV files, by line. No TensorFlow."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kcnn.data.rows import Table, headed
from kcnn.errors import DataError

NOTHING = ("", "na", "nan", "null", "none")
"""What stands for a missing value, in any case."""


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
