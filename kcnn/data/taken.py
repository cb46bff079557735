"""Which of many are taken: those in the middle, or some that are spread evenly. No TensorFlow."""

import numpy as np


def middle(count: int, wanted: int) -> slice:
    """The places of the middle `wanted` of so many, of all where there are no more; of two middles the earlier one."""
    first = max(0, count - wanted) // 2
    return slice(first, min(first + wanted, count))


def spread(count: int, wanted: int) -> np.ndarray:
    """The places of at most `wanted` of so many, evenly spread over their order, the first and the last among them."""
    return np.linspace(0, count - 1, min(wanted, count)).round().astype(int)
