"""Faults of the data that are met while batches are made: TensorFlow makes text of every error that it passes on."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeVar

import tensorflow as tf

from kcnn.errors import DataError

T = TypeVar("T")

_met: deque[str] = deque(maxlen=64)
"""What the latest say, whichever pipeline met them: its workers run ahead of who reads it, and each may meet one."""


def remembering(make: Callable[[int], T]) -> Callable[[int], T]:
    """What `make` does; its faults are remembered. A file that cannot be read any more is one as well."""

    def making(index: int) -> T:
        try:
            return make(index)
        except DataError as error:
            _met.append(str(error))
            raise
        except OSError as error:
            fault = DataError(f"{error.filename or 'a file'} ({error.strerror or error})")
            _met.append(str(fault))
            raise fault from None

    return making


def naming_faults(dataset: tf.data.Dataset) -> Iterator[T]:
    """Its elements. A fault of the data that ends them comes as the `DataError` that it was."""
    iterator = iter(dataset)
    while True:
        try:
            element = next(iterator)
        except StopIteration:
            return
        except tf.errors.OpError as error:
            if (fault := next((each for each in _met if each in error.message), None)) is None:
                raise
            raise DataError(fault) from None
        yield element
