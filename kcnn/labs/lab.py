"""What a lab finds: whether its claim holds, by which numbers, and a picture of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kcnn.plots.figure import Figure


@dataclass(frozen=True)
class Outcome:
    """The verdict, the numbers that it rests on, by a name that says what each is, a figure, and what was left out."""

    holds: bool
    numbers: Mapping[str, float]
    figure: Figure
    note: str = ""


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference between two arrays; infinite where their shapes differ."""
    return float(np.abs(one - other).max()) if one.shape == other.shape else float("inf")
