"""CSV files row by row, each with the line in which it begins and what is wrong with it. No TensorFlow."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kcnn.errors import DataError


@dataclass(frozen=True)
class Row:
    """The line in which it begins, its cells without white space around them, what is wrong with it, if anything."""

    line: int
    cells: list[str]
    fault: str | None = None


@dataclass(frozen=True)
class Table:
    """The names of the columns, and the rows below them."""

    file: Path
    header: tuple[str, ...]
    rows: Sequence[Row]


def headed(file: Path, content: str, ragged: bool = False) -> Table:
    """The rows below the first, which names the columns; nothing where there is none.

    Blank lines are left out; between the rows of a single column one is an empty cell. A row has as many cells as the
    header: more are a fault, and fewer unless it is `ragged`. Raises `DataError` for a header with a fault, and as
    `parsed` does.
    """
    found = _without_blank(list(parsed(file, content)))
    if not found:
        return Table(file, (), ())
    (header,), below = sound(file, found[:1]), found[1:]
    return Table(file, tuple(header.cells), [_measured(row, len(header.cells), ragged) for row in below])


def parsed(file: Path, content: str) -> Iterator[Row]:
    """All rows of a file's content; of a blank line one without cells.

    What stands behind a closing quote is a fault of its row. Raises `DataError` where that, or a quote that is not
    closed, leaves open in which line the row ends: all that follows would be guessed.
    """
    # A text may be longer than csv expects; at its limit the reader would go on in the middle of a row.
    csv.field_size_limit(max(csv.field_size_limit(), len(content)))
    lines = list(io.StringIO(content, newline=""))
    reader = csv.reader(lines, strict=True)
    while (line := reader.line_num + 1) <= len(lines):
        try:
            cells = [cell.strip() for cell in next(reader)]
        except csv.Error as error:
            if reader.line_num > line or lines[line - 1].count('"') % 2:
                raise DataError(
                    f"{file}, line {line}: a quote is not closed, or stands within a field ({error}, "
                    f"line {reader.line_num}): where the row ends cannot be told"
                ) from None
            yield Row(line, [], str(error))
        else:
            yield Row(line, cells)


def sound(file: Path, found: Iterable[Row]) -> list[Row]:
    """The same rows. Raises `DataError` where one has a fault."""
    made = list(found)
    if faulty := next((row for row in made if row.fault), None):
        raise DataError(f"{file}, line {faulty.line}: {faulty.fault}")
    return made


def _without_blank(found: list[Row]) -> list[Row]:
    """Without the rows that are blank; with one column, such a row before the last is a gap."""
    filled = [index for index, row in enumerate(found) if row.fault or len(row.cells) > 1 or any(row.cells)]
    if not filled or len(found[filled[0]].cells) > 1:
        return [found[index] for index in filled]
    return [row if row.cells or row.fault else replace(row, cells=[""]) for row in found[filled[0] : filled[-1] + 1]]


def _measured(row: Row, columns: int, ragged: bool) -> Row:
    """The same, with a fault where it has too many cells or too few."""
    count = len(row.cells)
    if row.fault or count == columns or (ragged and count < columns):
        return row
    return replace(row, fault=f"{count} value{'s' * (count != 1)}, the header has {columns}")
