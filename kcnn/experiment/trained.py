"""What a finished run left: its model, and how images are made ready for it. Imported after TensorFlow."""

from dataclasses import dataclass
from typing import Any

import keras

import kcnn.layers  # noqa: F401  (a model file names its layers; this makes them known)
from kcnn.data.preparation import preparation
from kcnn.evaluation.intervals import Intervals
from kcnn.experiment.folder import RunFolder


@dataclass(frozen=True)
class Trained:
    """A model, its preprocessing by the kind of data, the names of what it answers, the fingerprint of its data.

    A run that forecasts has `intervals`, where it held out what they are taken from.
    """

    model: keras.Model
    preprocessing: Any
    classes: list[str]
    fingerprint: str
    intervals: Intervals | None = None


def load(found: RunFolder) -> Trained:
    """Read them from the folder of a run that is finished."""
    source, intervals = found.read("source") or {}, found.read("intervals")
    return Trained(
        model=keras.models.load_model(found.model, compile=False),
        preprocessing=preparation(source["preprocessing"]),
        classes=source["classes"],
        fingerprint=source["fingerprint"],
        intervals=Intervals.from_json(intervals) if intervals else None,
    )
