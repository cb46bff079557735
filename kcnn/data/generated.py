"""Two problems that test how long a network remembers: adding and copying (Bai et al. 2018, section 4)."""

from collections.abc import Callable

import numpy as np

from kcnn.data.series import SeriesListing
from kcnn.recipes.series import Series
from kcnn.seeds import generator

REMEMBERED = 10
"""How many digits have to be copied."""

DIGITS = 8
"""They are 1 to 8; 0 is blank and 9 says: now."""

_ADDING, _COPY = 0, 1


def adding(series: Series) -> SeriesListing:
    """Series (length, 2): numbers from 0 to 1, and two marks, one in each half; asked is the sum of what is marked.

    Who always says 1 has a squared error of 1/6 (Hochreiter and Schmidhuber 1997).
    """
    length = series.length or 600

    def made(count: int, split: int) -> tuple[np.ndarray, np.ndarray]:
        draw = generator(series.split_seed, _ADDING, split)
        values = np.zeros((count, length, 2), np.float32)
        values[..., 0] = draw.random((count, length), np.float32)
        half, rows = length // 2, np.arange(count)
        first, second = draw.integers(half, size=count), draw.integers(half, length, size=count)
        values[rows, first, 1] = values[rows, second, 1] = 1
        sums = values[rows, first, 0] + values[rows, second, 0]
        return values, sums[:, np.newaxis]

    return SeriesListing(("sum",), _splits(series, made), standardised=False)


def copy_memory(series: Series) -> SeriesListing:
    """Series (length + 20, 1): ten digits, `length` - 1 blanks, eleven 9s; asked are blanks, and at the end the digits.

    Who remembers nothing has a cross-entropy of 10 ln 8 / (length + 20) a step.
    """
    blanks = series.length or 1000

    def made(count: int, split: int) -> tuple[np.ndarray, np.ndarray]:
        draw = generator(series.split_seed, _COPY, split)
        digits = draw.integers(1, DIGITS + 1, (count, REMEMBERED))
        values = np.zeros((count, blanks + 2 * REMEMBERED, 1), np.float32)
        values[:, :REMEMBERED, 0] = digits
        values[:, -REMEMBERED - 1 :] = DIGITS + 1
        truths = np.zeros(values.shape[:2], np.int64)
        truths[:, -REMEMBERED:] = digits
        return values, truths

    names = ("blank", *map(str, range(1, DIGITS + 1)), "now")
    return SeriesListing(names, _splits(series, made), standardised=False)


def _splits(
    series: Series, made: Callable[[int, int], tuple[np.ndarray, np.ndarray]]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {"train": made(series.examples, 0), "test": made(max(series.examples // 10, 1), 1)}
