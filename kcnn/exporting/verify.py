"""The proof that a SavedModel answers as the Keras model does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

TOLERANCE = 1e-5
"""The largest difference that is put down to rounding: of numbers in 0..1, as a share of larger ones, or of a unit."""

LEVELS = 1
"""The same of an image's pixel: rounding may fall to the one or the other of two neighbouring values."""

TIES = 1e-4
"""The same of a mask's pixels, of which some may be of another class: two may be as probable as one another."""


@dataclass(frozen=True)
class Case:
    """A request to one signature, and what it must answer, by output.

    Of float arrays every number is held against what is expected, of text every word, of int32 arrays every count.
    uint8 arrays are images, int64 arrays are masks. Of an output that holds PNG files (its name ends in `_bytes`) the
    images or masks are expected. Numbers of which only small differences say anything have their `unit` by output.
    """

    signature: str
    inputs: Mapping[str, Any]
    expected: Mapping[str, Any]
    unit: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Proof:
    """What was found over `examples` examples: the largest difference, and what is not rounding.

    A difference is that of a number, of a pixel in 0..1, or the share of a mask's pixels.
    """

    examples: int
    difference: float
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the SavedModel may be published."""
        return not self.faults


def verify(path: Path, examples: int, cases: Sequence[Case]) -> Proof:
    """Load the SavedModel afresh and hold its answers against what is expected in each case."""
    functions = tf.saved_model.load(str(path)).signatures
    largest, faults = 0.0, []
    for case in cases:
        answer = functions[case.signature](**{name: tf.constant(value) for name, value in case.inputs.items()})
        for name, expected in case.expected.items():
            for found, wanted in _pairs(name, answer[name].numpy(), expected):
                difference, fault = _difference(found, wanted, case.unit.get(name))
                largest = max(largest, difference)
                faults += [f"{name} of {case.signature} {fault}"] * bool(fault)
    return Proof(examples, largest, tuple(dict.fromkeys(faults)))


def _pairs(name: str, answer: np.ndarray, expected: Any) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    """The whole answer with what is expected, or each file's pixels."""
    if not name.endswith("_bytes"):
        return [(answer, np.asarray(expected))]
    files = (np.asarray(Image.open(BytesIO(one))) for one in answer)
    return ((pixels.reshape(wanted.shape), wanted) for pixels, wanted in zip(files, expected, strict=True))


def _difference(found: np.ndarray, wanted: np.ndarray, unit: Any = None) -> tuple[float, str | None]:
    """The largest difference, of text 0, and in words what is more than rounding."""
    if found.shape != wanted.shape:
        return 0.0, f"has the shape {found.shape}, not {wanted.shape}"
    if wanted.dtype.kind == "f":
        # Rounding is in proportion to numbers beyond 1.
        scale = max(1.0, float(np.max(np.abs(wanted), initial=0.0))) if unit is None else unit
        largest = float(np.max(np.abs(found - wanted) / scale, initial=0.0))
        # A number that is none agrees with nothing, itself included.
        largest = largest if np.isfinite(largest) else float("inf")
        return (
            largest,
            None if largest <= TOLERANCE else f"differs by {largest:.2g} (up to {TOLERANCE:.0e} is rounding)",
        )
    if wanted.dtype == np.uint8:
        levels = int(np.max(np.abs(found.astype(int) - wanted.astype(int)), initial=0))
        return levels / 255, None if levels <= LEVELS else f"differs by {levels} of 255 levels in a pixel"
    if wanted.dtype == np.int64:
        share = float(np.mean(found != wanted))
        # Of a small mask one pixel is more than that share.
        return share, None if share <= max(TIES, 1 / wanted.size) else f"differs in {share:.2%} of the pixels"
    return 0.0, None if np.array_equal(found, wanted) else "says something else"
