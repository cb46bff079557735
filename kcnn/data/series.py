"""Series by index: read, checked, cut into splits, and made ready for networks that answer their end or every step."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from kcnn.data.sequences import GENERATED
from kcnn.data.source import Source, check_left, fingerprint, hold_out
from kcnn.data.taken import spread
from kcnn.recipes.series import Series

ROUNDED = 32
"""Batches of several lengths are padded to a multiple of so many steps: a GPU's library tries what is best at each."""

Values = np.ndarray | Sequence[np.ndarray]
"""Something of every step of each series: one array where all have as many steps, else an array a series."""


@dataclass(frozen=True)
class SeriesPreparation:
    """From a series to what the network sees. `length` is None where every step is answered, however many there are.

    `longest` are the steps of the longest series in train; `mean` and `std` (a value a channel) are what becomes 0 and
    1. What is missing, NaN, becomes 0 as well: the mean. The network sees the steps in `order`, where there is one.
    `gaps` says what training did with missing values, and is to be done with those of other series. Where numbers are
    answered, the network's 0 and 1 stand for `target_mean` and `target_std` (a value an output; none: for themselves).
    """

    length: int | None
    longest: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    order: tuple[int, ...] | None = None
    gaps: Literal["refuse", "hold", "mean"] = "refuse"
    target_mean: tuple[float, ...] = ()
    target_std: tuple[float, ...] = ()

    @property
    def shape(self) -> tuple[int | None, int]:
        """Steps and channels."""
        return self.length, self.channels

    @property
    def typical_shape(self) -> tuple[int, int]:
        """The same, with the steps of the longest series in train where any number will do."""
        return self.length or self.longest, self.channels

    def standardize(self, series: tf.Tensor) -> tf.Tensor:
        """Series (N, steps, channels), float32, standardised, without gaps."""
        standard = (series - np.asarray(self.mean, np.float32)) / np.asarray(self.std, np.float32)
        known = tf.where(tf.math.is_nan(series), tf.zeros_like(standard), standard)
        return known if self.order is None else tf.gather(known, self.order, axis=1)

    def fitted(self, series: tf.Tensor) -> tf.Tensor:
        """Series (N, any, channels) at the network's length: a shorter one begins with nothing, a longer one is cut."""
        if self.length is None:
            return series
        missing = tf.maximum(self.length - tf.shape(series)[1], 0)
        filled = tf.pad(series, [[0, 0], [missing, 0], [0, 0]], constant_values=np.nan)
        return tf.ensure_shape(filled[:, -self.length :], (None, self.length, self.channels))

    def in_units(self, answered: tf.Tensor) -> tf.Tensor:
        """The numbers (N, outputs) that a network answers, float32, in the unit of what was asked."""
        if not self.target_mean:
            return answered
        return answered * np.asarray(self.target_std, np.float32) + np.asarray(self.target_mean, np.float32)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"kind": "series", **asdict(self)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "SeriesPreparation":
        """The inverse of `to_json`."""
        known = {name: value for name, value in values.items() if name != "kind"}
        listed = ("mean", "std", "order", "target_mean", "target_std")
        tuples = {name: values[name] if values.get(name) is None else tuple(values[name]) for name in listed}
        return cls(**known | tuples)


@dataclass(frozen=True)
class SeriesExamples:
    """The series of one split: values of every step (steps, channels), and what is to be answered.

    `truths` are labels (N,), int64, or numbers (N, outputs), float32, of whole series; of every step they are, by
    series, labels (steps,) or numbers (steps, outputs).
    """

    values: Values
    truths: Values
    preparation: SeriesPreparation

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def steps(self) -> np.ndarray:
        """How many steps each series has."""
        if isinstance(self.values, np.ndarray):
            return np.full(len(self.values), self.values.shape[1])
        return np.array([len(each) for each in self.values])

    @property
    def lengths(self) -> np.ndarray | None:
        """The same, where a batch is as long as its longest series; None where all are of one length."""
        alike = self.preparation.length is not None or self.steps.min() == self.steps.max()
        return None if alike else self.steps

    @property
    def signature(self) -> tuple[tf.TensorSpec, Any]:
        """Of series and truth; that of every step comes with its weight, 0 where the series is over."""
        inputs = tf.TensorSpec((None, *self.preparation.shape), tf.float32)
        first = np.asarray(self.truths[0])
        dtype = tf.as_dtype(first.dtype)
        if self.preparation.length:
            return inputs, tf.TensorSpec((None, *first.shape), dtype)
        values = tf.TensorSpec((None, None, *first.shape[1:]), dtype)
        return inputs, {"values": values, "weights": tf.TensorSpec((None, None), tf.float32)}

    def inputs(self, indices: np.ndarray) -> np.ndarray:
        """Series (len(indices), steps, channels), float32; NaN where there is nothing, at the beginning or the end."""
        length = self.preparation.length
        if isinstance(self.values, np.ndarray) and length in (None, self.values.shape[1]):
            return self.values[indices].astype(np.float32)
        chosen = [self.values[index] for index in indices]
        filled = np.full((len(chosen), length or self._longest(indices), self.preparation.channels), np.nan, np.float32)
        for row, series in zip(filled, chosen, strict=True):
            if length:
                row[-len(series) :] = series[-length:]
            else:
                row[: len(series)] = series
        return filled

    def truth(self, indices: np.ndarray) -> Any:
        """What is to be answered about them, as `signature` says."""
        if self.preparation.length:
            return np.asarray(self.truths)[indices]
        if isinstance(self.truths, np.ndarray):
            values = self.truths[indices]
            return {"values": values, "weights": np.ones(values.shape[:2], np.float32)}
        first, longest = self.truths[0], self._longest(indices)
        values = np.zeros((len(indices), longest, *first.shape[1:]), first.dtype)
        weights = np.zeros((len(indices), longest), np.float32)
        for row, weight, index in zip(values, weights, indices, strict=True):
            row[: self.steps[index]], weight[: self.steps[index]] = self.truths[index], 1
        return {"values": values, "weights": weights}

    def some(self, count: int) -> "SeriesExamples":
        """At most `count` of them, evenly spread over their order."""
        return self._taken(spread(len(self), count))

    def _taken(self, indices: np.ndarray) -> "SeriesExamples":
        return replace(self, values=taken(self.values, indices), truths=taken(self.truths, indices))

    def _longest(self, indices: np.ndarray) -> int:
        longest = int(self.steps[indices].max())
        return longest if self.lengths is None else -(-longest // ROUNDED) * ROUNDED


@dataclass(frozen=True)
class SeriesListing:
    """What a loader found: names of what is answered, values and truths by split, whether values are standardised."""

    answers: tuple[str, ...]
    splits: Mapping[str, tuple[Values, Values]]
    standardised: bool
    notes: tuple[str, ...] = ()


def taken(values: Values, indices: np.ndarray) -> Values:
    """Those of these numbers."""
    return values[indices] if isinstance(values, np.ndarray) else [values[index] for index in indices]


def assemble(series: Series, listing: SeriesListing) -> Source[SeriesExamples, SeriesPreparation]:
    """The source of a listing: a part of train held out, statistics of train, fingerprint.

    Raises `DataError` where a split has no series.
    """
    by_label = series.task == "classification"
    numbered = {
        name: (range(len(values)), np.asarray(truths) if by_label else np.zeros(len(values), np.int64))
        for name, (values, truths) in listing.splits.items()
    }
    parts, choosing = hold_out(numbered, series.validation, series.split_seed)
    split_of = {name: name if name in listing.splits else "train" for name in parts}
    chosen: dict[str, tuple[Values, Values]] = {}
    for name, (indices, _) in parts.items():
        values, truths = listing.splits[split_of[name]]
        numbers = np.asarray(indices, np.int64)
        chosen[name] = taken(values, numbers), taken(truths, numbers)
    check_left(series.source, "series", {name: values for name, (values, _) in chosen.items()})
    preparation = _preparation(series, *chosen["train"], listing.standardised)
    examples = {name: SeriesExamples(values, truths, preparation) for name, (values, truths) in chosen.items()}
    digests = {name: [_digest(*pair) for pair in zip(*part, strict=True)] for name, part in chosen.items()}
    return Source(
        address=series.source,
        classes=listing.answers,
        splits=examples,
        choosing=choosing,
        preprocessing=preparation,
        digests=digests,
        fingerprint=fingerprint(listing.answers, dict.fromkeys(digests, b""), digests),
        notes=(*listing.notes, *_cut(examples)),
        options=options(series),
    )


def _cut(splits: Mapping[str, SeriesExamples]) -> list[str]:
    """Notes on series whose beginning is not seen, by split."""
    notes = []
    for name, examples in splits.items():
        length = examples.preparation.length
        if length and (count := int(np.sum(examples.steps > length))):
            notes.append(f"of {count} of {len(examples)} series of {name} only the last {length} steps are seen")
    return notes


def options(series: Series) -> dict[str, Any]:
    """What the question decides about a network."""
    return {"answer": "last" if series.whole else "every"}


def _preparation(series: Series, train: Values, truths: Values, standardised: bool) -> SeriesPreparation:
    channels = train[0].shape[1]
    longest = max(len(each) for each in train)
    mean, std = _statistics(train) if standardised else ((0.0,) * channels, (1.0,) * channels)
    numbers = standardised and series.task == "regression"
    of_targets = _statistics(np.asarray(truths)[:, np.newaxis]) if numbers else ((), ())
    generated = series.source in GENERATED
    length = (longest if generated or not series.length else series.length) if series.whole else None
    return SeriesPreparation(length, longest, channels, mean, std, None, series.gaps, *of_targets)


def _statistics(train: Values) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel; of one that never varies, or is never there, 1.

    Numbers may be in any unit: what varies is told from rounding by what they are, not by how large.
    """
    steps = np.concatenate(list(train)).astype(np.float64)
    known = ~np.isnan(steps)
    count = np.maximum(known.sum(0), 1)
    mean = np.where(known, steps, 0).sum(0) / count
    std = np.sqrt(np.where(known, (steps - mean) ** 2, 0).sum(0) / count)
    return tuple(mean.tolist()), tuple(np.where(std > 1e-6 * np.abs(mean), std, 1.0).tolist())


def _digest(values: np.ndarray, truth: np.ndarray) -> bytes:
    digest = hashlib.sha256(np.ascontiguousarray(values).tobytes())
    digest.update(np.ascontiguousarray(truth).tobytes())
    return digest.digest()
