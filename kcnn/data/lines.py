"""Labelled sentences as they stand in files, and what is wrong with them by file and line. No TensorFlow."""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kcnn.data.corpus import layout
from kcnn.data.rows import headed
from kcnn.errors import DataError, InputError
from kcnn.recipes.text import Text

_ESCAPED = re.compile("[\udc80-\udcff]")
"""What Python's `surrogateescape` makes of a byte that is not in the encoding: 0xdc00 more than the byte."""

_HINT = "; data.encoding=latin-1 is a possibility"


@dataclass(frozen=True)
class Line:
    """A sentence without the white space around it, the name of its class, and where it stands (file:line)."""

    text: str
    label: str
    place: str


@dataclass(frozen=True)
class Lines:
    """The sentences by split (only `all` where there are none), what cannot be used, notes."""

    splits: Mapping[str, Sequence[Line]]
    faults: Sequence[str] = ()
    notes: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether they come in one piece, without splits of their own."""
        return list(self.splits) == ["all"]


def check(source: str) -> None:
    """Refuse an address that names no texts.

    Raises `InputError` for a dataset of images, `DataError` for a path that is not there or has no texts.
    """
    if source == "digits" or source.startswith("tfds:"):
        raise InputError(f"data.source must be a folder of texts or a .csv file, got {source!r}")
    layout(Path(source))


def lines(text: Text) -> Lines:
    """The sentences that a recipe names, in the order of the files.

    Raises `DataError` for another layout, and for a .csv without the columns or with a quote that is not closed.
    """
    found = layout(Path(text.source))
    reader = _Reader(text)
    splits = {
        split: [line for file, label in files.items() for line in reader.file(file, label)]
        for split, files in found.splits.items()
    }
    return Lines(splits, reader.faults, (*found.notes, *reader.notes))


class _Reader:
    """Reads files, and collects the faults of their lines."""

    def __init__(self, text: Text):
        self.text = text
        self.faults: list[str] = []
        self.notes: list[str] = []
        self._hint = _HINT

    def file(self, path: Path, label: str | None) -> list[Line]:
        """The sentences of one file that can be used; `label` is their class, None for a .csv."""
        try:
            content = self._decoded(path)
        except OSError as error:
            self.faults.append(f"{path} ({error.strerror})")
            return []
        except UnicodeError as error:
            self.faults.append(f"{path} (no {self.text.encoding}: {error})")
            return []
        if label is not None and not content:
            self.faults.append(f"{path} (no text)")
        rows = self._rows(path, content) if label is None else ((*line, label) for line in _numbered(content))
        found = [self._line(sentence, name, f"{path}:{number}") for number, sentence, name in rows]
        return [line for line in found if line]

    def _decoded(self, path: Path) -> str:
        """The content without a byte order mark; a byte that is not in the encoding is one of `_ESCAPED`."""
        content = path.read_bytes()
        encoding = self.text.encoding
        # No byte is wrong in latin-1: a file of utf-8 would become other letters without a word.
        if codecs.lookup(encoding).name not in ("utf-8", "utf-8-sig") and _is_utf8(content):
            self.notes.append(f"{path}: its bytes are utf-8, data.encoding={encoding} makes other letters of them")
        return content.decode(encoding, "surrogateescape").removeprefix("\ufeff")

    def _line(self, sentence: str, label: str, place: str) -> Line | None:
        """One sentence; None, and a fault, where it cannot be used."""
        sentence, label = sentence.strip(), " ".join(label.split())
        if escaped := _ESCAPED.search(sentence + label):
            byte = ord(escaped[0]) - 0xDC00
            self.faults.append(f"{place} (byte {byte:#x} is not {self.text.encoding}{self._hint})")
            self._hint = ""
        elif not sentence:
            self.faults.append(f"{place} (an empty text)")
        elif not label:
            self.faults.append(f"{place} (no label)")
        else:
            return Line(sentence, label, place)
        return None

    def _rows(self, path: Path, content: str) -> Iterator[tuple[int, str, str]]:
        """Line, sentence and class of the rows of a .csv; a blank line is no row."""
        found = headed(path, content)
        text, label = (self._column(path, found.header, role) for role in ("text_column", "label_column"))
        for row in found.rows:
            if row.fault:
                self.faults.append(f"{path}:{row.line} ({row.fault})")
            else:
                yield row.line, row.cells[text], row.cells[label]

    def _column(self, path: Path, header: Sequence[str], role: str) -> int:
        """Where the column stands that the recipe gives this role."""
        name = getattr(self.text, role)
        if header.count(name) != 1:
            known = ", ".join(column if column.isprintable() else ascii(column) for column in header)
            what = "several columns" if name in header else "no column"
            raise DataError(f"{path} has {what} {name!r} (data.{role}): there are: {known or 'none'}")
        return header.index(name)


def _numbered(content: str) -> Iterator[tuple[int, str]]:
    """The lines of a text, from 1 on; the end of the last is not the start of another."""
    # Not by str.splitlines, which breaks lines at U+0085 and U+2028, too.
    found = re.split(r"\r\n?|\n", content)
    return enumerate(found if found[-1] else found[:-1], 1)


def _is_utf8(content: bytes) -> bool:
    """Whether letters outside of ASCII are written as in UTF-8: hardly by chance."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return not content.isascii()
