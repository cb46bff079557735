"""Asking a server about several things at once, and naming the one that it refuses."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from kcnn.errors import DataError

T = TypeVar("T")

TOGETHER = 32
"""How many images, texts or recordings one request holds at most."""


_FAULTS = (400, 413)
"""What a server answers where it cannot read what it is given, or that is too large."""


def contents(file: Path) -> bytes:
    """The bytes of a file. Raises `DataError` where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise DataError(f"{file}: {error.strerror or error}") from None


def asked(ask: Callable[[list[T]], Sequence[Any]], given: Sequence[T], names: Sequence[str]) -> list[Any]:
    """The answers to one request about all that is `given`, or to one about each where the server refuses that.

    Raises `DataError` with the name of what it refuses by itself, as faulty or as too large, and as `ask` does where it
    refuses for another reason.
    """
    from kcnn.serving.client import Refused

    try:
        return list(ask(list(given)))
    except Refused as refusal:
        if refusal.status not in _FAULTS:
            raise
        if len(names) == 1:
            raise DataError(f"{names[0]}: {refusal}") from None
    return [answer for one, name in zip(given, names, strict=True) for answer in asked(ask, [one], [name])]
