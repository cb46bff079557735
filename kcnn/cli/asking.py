"""Asking a server about several things at once, and naming the one that it refuses."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from kcnn.errors import DataError

T = TypeVar("T")

TOGETHER = 32
"""How many images, texts or recordings one request holds at most."""


def contents(file: Path) -> bytes:
    """The bytes of a file. Raises `DataError` where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise DataError(f"{file}: {error.strerror or error}") from None


def asked(ask: Callable[[list[T]], Sequence[Any]], given: Sequence[T], names: Sequence[str]) -> list[Any]:
    """The answers to one request about all that is `given`; what is at fault is said by its name.

    Raises `DataError` where the server refuses something, and as `ask` does where it refuses for another reason.
    """
    from kcnn.serving.client import Refused

    try:
        return list(ask(list(given)))
    except Refused as refusal:
        if refusal.status != 400:
            raise
        for one, name in zip(given, names, strict=True):
            try:
                ask([one])
            except Refused as error:
                raise DataError(f"{name}: {error}") from None
        raise
