"""Vectors of words: word2vec's files, binary or text, and GloVe's, which are text without a header. NumPy alone.

Source: word2vec.c of https://code.google.com/archive/p/word2vec (Mikolov et al. 2013) and
https://nlp.stanford.edu/projects/glove (Pennington et al. 2014).
"""

import gzip
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from kcnn.errors import DataError, InputError
from kcnn.seeds import generator
from kcnn.weights.faults import faults, printable

_WINDOW = 1 << 16
"""How many bytes are looked at to tell one format from another."""

_CHUNK = 1 << 22
"""How many bytes are read at once, and what a line and a word cannot be longer than."""

_WIDEST = 1 << 16
"""More numbers has no vector: a header that says so is none."""

_HEADER = re.compile(rb"\s*(\d{1,12})[ \t]+(\d{1,12})\s*")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Vectors:
    """The vectors (dimensions,), float32, of those words that were asked for and are in the file of `count` words."""

    found: Mapping[str, np.ndarray]
    dimensions: int
    count: int


@dataclass(frozen=True)
class _Form:
    """How a file is written; `count` is what its header says, None where it has none."""

    dimensions: int
    count: int | None
    binary: bool


Entry = tuple[str, bytes, bytes]
"""Where it stands, the word, its values as they are in the file."""


def read(path: str | Path, words: Collection[str], dimensions: int | None = None) -> Vectors:
    """The vectors of `words`; the file may be a .gz and larger than memory, no more is kept of it than these.

    The form shows in the content. A word in a text may have spaces; of a word that comes twice the first counts.
    Raises DataError, with the file's name and the line or entry, for a file that is damaged or cut off, for a value of
    a word asked for that is no finite number, and where none of the words is found; InputError for other `dimensions`.
    """
    with faults(path, "file of word vectors", DataError), _opened(Path(path)) as stream:
        form = _form(path, stream)
        if dimensions not in (None, form.dimensions):
            raise InputError(
                f"{path} has vectors of {form.dimensions} numbers, {dimensions} are needed: "
                f"model.options.dimensions={form.dimensions}"
            )
        wanted = {word.encode(): word for word in words}
        found: dict[str, np.ndarray] = {}
        count = 0
        for place, word, values in _binary(path, stream, form) if form.binary else _text(path, stream, form):
            count += 1
            if name := wanted.pop(word, None):
                found[name] = _vector(values, form, f"{path}: {place} ({printable(name)!r})")
    if not found:
        shown = ", ".join(map(repr, sorted(words)[:3]))
        raise DataError(f"{path} has none of the {len(words)} words that are asked for ({shown}, ...)")
    return Vectors(found, form.dimensions, count)


def matrix(vectors: Vectors, words: Sequence[str], seed: int) -> np.ndarray:
    """The table (2 + len(words), dimensions), float32, of an embedding: padding, the unknown word, `words`.

    Padding is 0. What was not found is drawn from U[-a, a], with a such that it varies as much as what was found.
    Source: Kim 2014, section 4.3.
    """
    widest = np.sqrt(3 * np.var(list(vectors.found.values()), dtype=np.float64))
    shape = 2 + len(words), vectors.dimensions
    # All rows are drawn, so that a word's does not depend on which others were found.
    table = generator(seed).uniform(-widest, widest, shape).astype(np.float32)
    table[0] = 0
    for number, word in enumerate(words, 2):
        if word in vectors.found:
            table[number] = vectors.found[word]
    return table


def _opened(path: Path) -> BinaryIO:
    """The content of a file, or of a .gz."""
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise DataError(f"{path} is empty")
    if start == b"PK\x03\x04":
        raise DataError(f"{path} is a .zip: unpack it first")
    return cast(BinaryIO, gzip.open(path)) if start.startswith(b"\x1f\x8b") else path.open("rb")


def _form(path: str | Path, stream: BinaryIO) -> _Form:
    """The form of what is in a stream; the stream is behind its header then."""
    start = _start(stream)
    first, _, rest = start.partition(b"\n")
    header = _HEADER.fullmatch(first)
    stream.seek(0)
    if header:
        count, dimensions = map(int, header.groups())
        if not count or not 0 < dimensions <= _WIDEST:
            raise DataError(f"{path} holds no vectors: its header says {count} of {dimensions} numbers")
        stream.readline(_CHUNK)
        return _Form(dimensions, count, _is_binary(rest, dimensions))
    values = first.rstrip(b" \r").split(b" ")[1:]
    if not values or not all(map(_is_number, values)):
        raise DataError(f"{path} is no file of word vectors: line 1 is neither a header nor a word with numbers")
    return _Form(len(values), None, False)


def _start(stream: BinaryIO) -> bytes:
    """The first bytes of a stream; of a .gz that was cut off what there is."""
    start = b""
    try:
        while len(start) < _WINDOW and (more := stream.read1(_WINDOW)):  # type: ignore[attr-defined]
            start += more
    except EOFError:
        pass
    return start


def _is_binary(start: bytes, dimensions: int) -> bool:
    """Whether what follows a header is binary: a text has as many numbers in its first line as the header says.

    A text that is damaged there is known by having numbers, and no control characters anywhere.
    """
    values = start.partition(b"\n")[0].split()[1:]
    if len(values) >= dimensions and all(map(_is_number, values[-dimensions:])):
        return False
    return bool(_CONTROL.search(start)) or not any(map(_is_number, values))


def _is_number(value: bytes) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _binary(path: str | Path, stream: BinaryIO, form: _Form) -> Iterator[Entry]:
    """The entries of a binary file: word, space, values; some writers put a newline behind them."""
    size, buffer, at, count = 4 * form.dimensions, b"", 0, form.count or 0
    for number in range(1, count + 1):
        while (space := buffer.find(b" ", at)) < 0 or space + 1 + size > len(buffer):
            if space < 0 and len(buffer) - at > _CHUNK:
                raise DataError(f"{path} is damaged: entry {number} of {count} has no word")
            buffer = buffer[at:] + (more := _more(path, stream, f"entry {number} of {count}"))
            at = 0
            if not more:
                raise DataError(f"{path} is cut off in entry {number} of {count}")
        yield f"entry {number}", buffer[at:space].lstrip(b"\r\n"), buffer[space + 1 : space + 1 + size]
        at = space + 1 + size
    if (buffer[at:] + _more(path, stream, "its end")).strip(b"\r\n"):
        raise DataError(f"{path} is damaged: it goes on after the {count} entries that its header says")


def _more(path: str | Path, stream: BinaryIO, place: str) -> bytes:
    try:
        return cast(bytes, stream.read1(_CHUNK))  # type: ignore[attr-defined]
    except EOFError:
        raise DataError(f"{path} is cut off in {place}") from None


def _text(path: str | Path, stream: BinaryIO, form: _Form) -> Iterator[Entry]:
    """The entries of a text: a word and its values in a line, with a space between two; the last may be blank."""
    number = before = 0 if form.count is None else 1
    while line := _line(path, stream, number + 1):
        if not line.strip() and not _line(path, stream, number + 2):
            break
        number += 1
        word, values = _parted(line.rstrip(b" \r\n"), form.dimensions, f"{path}: line {number}")
        yield f"line {number}", word, values
    if form.count not in (None, number - before):
        raise DataError(f"{path} has {number - before} words, its header says {form.count}")


def _line(path: str | Path, stream: BinaryIO, number: int) -> bytes:
    try:
        line = stream.readline(_CHUNK)
    except EOFError:
        raise DataError(f"{path} is cut off in line {number}") from None
    if len(line) == _CHUNK:
        raise DataError(f"{path} is no file of word vectors: line {number} does not end")
    return line


def _parted(line: bytes, dimensions: int, place: str) -> tuple[bytes, bytes]:
    """The word of a line, and its values."""
    spaces = line.count(b" ")
    if spaces == dimensions:
        word, _, values = line.partition(b" ")
        return word, values
    parts = line.rsplit(b" ", dimensions)
    # ". . ." and "at name@domain.com" are words in the largest of GloVe's files; a number too many is a fault.
    if spaces < dimensions or any(map(_is_number, parts[0].split(b" ")[1:])):
        raise DataError(f"{place} has {spaces} values, not {dimensions}")
    return parts[0], b" ".join(parts[1:])


def _vector(values: bytes, form: _Form, place: str) -> np.ndarray:
    """Values as float32."""
    if form.binary:
        vector = np.frombuffer(values, "<f4").astype(np.float32)
    else:
        texts = values.split(b" ")
        if wrong := [value for value in texts if not _is_number(value)]:
            raise DataError(f"{place} has a value that is no number: {printable(wrong[0].decode('utf-8', 'replace'))}")
        with np.errstate(over="ignore"):
            vector = np.array([float(value) for value in texts], np.float64).astype(np.float32)
    if not np.isfinite(vector).all():
        raise DataError(f"{place} has a value that is not finite")
    return vector
