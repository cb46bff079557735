"""Dated series, cut in time: windows to learn from, and each split whole, with all that is known before it."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from kcnn.data.calendars import calendar
from kcnn.data.dated import Dated, check_logarithms, read
from kcnn.data.source import Source, fingerprint
from kcnn.errors import DataError
from kcnn.recipes.forecast import Changes, Forecast


@dataclass(frozen=True)
class ForecastPreparation:
    """From levels to what the network sees, and back. Of the `series` the first `targets` are forecast.

    Levels, changes and distances are NumPy's in a run, and tensors in the graph that is published.

    `mean` and `std` are those of the changes in train, a value a series; a training window has `length` steps.
    """

    series: tuple[str, ...]
    targets: int
    changes: Changes
    length: int
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def shape(self) -> tuple[None, int]:
        """Steps and series."""
        return None, len(self.series)

    @property
    def typical_shape(self) -> tuple[int, int]:
        """Those of a training window."""
        return self.length, len(self.series)

    def standardize(self, changes: tf.Tensor) -> tf.Tensor:
        """Changes (N, steps, series), float64, as the network sees them, float32."""
        return tf.cast((changes - np.asarray(self.mean)) / np.asarray(self.std), tf.float32)

    def changed(self, levels: Any) -> Any:
        """The changes (..., steps - 1, series) of levels (..., steps, series)."""
        if self.changes == "none":
            return levels[..., 1:, :]
        known = (tf.math.log if tf.is_tensor(levels) else np.log)(levels) if self.changes == "log" else levels
        return known[..., 1:, :] - known[..., :-1, :]

    def standard(self, changes: np.ndarray) -> np.ndarray:
        """Changes of the targets (..., targets), standardised."""
        return (changes - np.asarray(self.mean)[: self.targets]) / np.asarray(self.std)[: self.targets]

    def plain(self, answered: np.ndarray) -> np.ndarray:
        """The changes that answers (..., targets) stand for: the inverse of `standard`."""
        mean, std = (np.asarray(values)[: self.targets] for values in (self.mean, self.std))
        return np.asarray(answered, np.float64) * std + mean

    def moved(self, levels: Any, changes: Any) -> Any:
        """Where levels come to by changes of the same shape."""
        return changes if self.changes == "none" else self.around(levels, changes)

    def unmoved(self, levels: np.ndarray) -> np.ndarray:
        """The changes by which levels stay where they are."""
        return levels.copy() if self.changes == "none" else np.zeros_like(levels)

    def distance(self, levels: np.ndarray, others: np.ndarray) -> np.ndarray:
        """How far levels are from others: of logarithms where changes are, else of levels."""
        with np.errstate(divide="ignore"):
            return np.log(levels) - np.log(others) if self.changes == "log" else levels - others

    def around(self, levels: Any, distance: Any) -> Any:
        """The levels at a distance: the inverse of `distance`."""
        if self.changes != "log":
            return levels + distance
        with np.errstate(over="ignore"):
            return levels * (tf.exp if tf.is_tensor(distance) else np.exp)(distance)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"kind": "forecast", **asdict(self)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "ForecastPreparation":
        """The inverse of `to_json`."""
        known = {name: value for name, value in values.items() if name != "kind"}
        return cls(**known | {name: tuple(values[name]) for name in ("series", "mean", "std")})


@dataclass(frozen=True)
class ForecastExamples:
    """A split: changes (N, steps, series), float64, with the standardised change that follows each of them
    (N, steps, targets), float32, which counts where `weights` (N, steps) are 1, not where it is only known before.

    `levels` (steps, series) are all up to the split's end, and `dates` theirs; the split begins at the step `first`.
    """

    values: np.ndarray
    truths: np.ndarray
    weights: np.ndarray
    preparation: ForecastPreparation
    levels: np.ndarray
    first: int
    dates: tuple[datetime, ...] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def lengths(self) -> None:
        """All windows of a split are of one length."""

    @property
    def signature(self) -> tuple[tf.TensorSpec, Any]:
        """Of changes and truth."""
        inputs = tf.TensorSpec((None, *self.preparation.shape), tf.float64)
        values = tf.TensorSpec((None, None, self.preparation.targets), tf.float32)
        return inputs, {"values": values, "weights": tf.TensorSpec((None, None), tf.float32)}

    def inputs(self, indices: np.ndarray) -> np.ndarray:
        """Changes (len(indices), steps, series)."""
        return self.values[indices]

    def truth(self, indices: np.ndarray) -> Any:
        """What follows them, as `signature` says."""
        return {"values": self.truths[indices], "weights": self.weights[indices]}

    def whole(self) -> "ForecastExamples":
        """The same in one piece: every step once, behind all that is known before it."""
        return examples(self.levels, self.preparation, self.first, self.dates, in_windows=False)


def load(forecast: Forecast) -> Source[ForecastExamples, ForecastPreparation]:
    """The source of a file: train in windows, the other splits whole, behind what is known before them.

    Every step of a split is forecast exactly once there; of train from the third on, as the second has the first
    change. Raises `DataError` naming file, line and column of what cannot be used.
    """
    found = read(Path(forecast.source), forecast.date, forecast.gaps)
    targets = forecast.targets or found.names
    found = found.ordered((*targets, *(name for name in found.names if name not in targets)))
    bounds = _bounds(found, forecast)
    _check_levels(found, bounds["train"][1], forecast.changes)
    preparation = _preparation(found, len(targets), forecast, bounds["train"][1])
    splits = {
        name: examples(
            found.levels[:end], preparation, first, found.dates and found.dates[:end], in_windows=name == "train"
        )
        for name, (first, end) in bounds.items()
    }
    digests = {name: [_digest(part, row) for row in range(len(part))] for name, part in splits.items()}
    note = calendar(found.dates).note if found.dates else None
    return Source(
        address=forecast.source,
        classes=tuple(targets),
        splits=splits,
        choosing="val" if "val" in splits else None,
        preprocessing=preparation,
        digests=digests,
        fingerprint=fingerprint(found.names, {name: _dated(part) for name, part in splits.items()}, digests),
        notes=(*found.notes, *([f"{found.file}: {note}"] if note else [])),
        options={"answer": "every"},
    )


def _bounds(found: Dated, forecast: Forecast) -> dict[str, tuple[int, int]]:
    """The first step of each split, and that after its last; test is the end, val lies before it."""
    steps = len(found.levels)
    test, val = round(forecast.test * steps), round(forecast.validation * steps)
    train = steps - test - val
    if train < forecast.length + 2:
        raise DataError(
            f"{found.file} has {steps} rows, of which train is {max(train, 0)}: windows of data.length="
            f"{forecast.length} need {forecast.length + 2}"
        )
    for name, share, count in (("validation", forecast.validation, val), ("test", forecast.test, test)):
        if share and count < forecast.horizon:
            raise DataError(
                f"{found.file} has {steps} rows, of which data.{name}={share:g} is {count}: forecasts of data.horizon="
                f"{forecast.horizon} need as many"
            )
    bounds = {"train": (2, train), "val": (train, train + val), "test": (train + val, steps)}
    return {name: bound for name, bound in bounds.items() if bound[0] < bound[1]}


def _check_levels(found: Dated, train: int, changes: Changes) -> None:
    """Raise `DataError` for a series that is constant in train, or has no logarithms where they are needed."""
    for series, name in enumerate(found.names):
        if np.ptp(found.levels[:train, series]) == 0:
            raise DataError(f"{found.file}, column {name} never changes in train, its first {train} rows")
    if changes == "log":
        check_logarithms(found)


def _preparation(found: Dated, targets: int, forecast: Forecast, train: int) -> ForecastPreparation:
    """With the statistics of train; of a series whose changes are all alike the deviation is 1."""
    count = len(found.names)
    bare = ForecastPreparation(found.names, targets, forecast.changes, forecast.length, (0.0,) * count, (1.0,) * count)
    changes = bare.changed(found.levels[:train])
    mean, std = changes.mean(0), changes.std(0)
    std = np.where(std > 1e-6 * np.abs(mean), std, 1.0)
    return replace(bare, mean=tuple(mean.tolist()), std=tuple(std.tolist()))


def examples(
    levels: np.ndarray,
    preparation: ForecastPreparation,
    first: int,
    dates: tuple[datetime, ...] | None,
    *,
    in_windows: bool,
) -> ForecastExamples:
    """The steps from `first` to the end of levels (steps, series)."""
    changes = preparation.changed(levels)
    # The change at place i leads to the step i + 1, and what it is answered with to the step i + 2.
    seen = changes[:-1]
    truths = preparation.standard(changes[1:, : preparation.targets]).astype(np.float32)
    weights = (np.arange(2, len(levels)) >= first).astype(np.float32)
    starts, length = (_starts(len(seen), preparation.length), preparation.length) if in_windows else ([0], len(seen))
    places = np.add.outer(starts, np.arange(length))
    return ForecastExamples(seen[places], truths[places], weights[places], preparation, levels, first, dates)


def _starts(steps: int, length: int) -> list[int]:
    """Where windows begin: each half a window after the other, the last one at the end."""
    last = steps - length
    return [*range(0, last, max(length // 2, 1)), last]


def _digest(part: ForecastExamples, row: int) -> bytes:
    digest = hashlib.sha256(part.values[row].tobytes())
    digest.update(part.truths[row].tobytes())
    digest.update(part.weights[row].tobytes())
    return digest.digest()


def _dated(part: ForecastExamples) -> bytes:
    return " ".join(date.isoformat() for date in part.dates or ()).encode()
