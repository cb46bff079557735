"""Series in CSV files: a row a step ("long"), or a row a series ("wide")."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kcnn.data.cells import NOTHING, Faulty, Table, numbers, table
from kcnn.data.check import left_out
from kcnn.data.files import tables as csv_files
from kcnn.data.series import SeriesListing, Values, taken
from kcnn.data.source import set_aside_test
from kcnn.errors import DataError
from kcnn.recipes.series import Series


@dataclass(frozen=True)
class _Written:
    """One series as it is written: where it begins, its cells by step and channel, the cells of what is asked."""

    place: str
    cells: Sequence[Sequence[str]]
    asked: Sequence[str]


def tables(series: Series) -> SeriesListing:
    """The series of a file, a fifth of which is set aside as `test`, or of a folder of `train.csv` and others.

    Raises `DataError` naming file, line and column of what cannot be used.
    """
    path = Path(series.source)
    files, others = ({"train": path}, ()) if path.is_file() else csv_files(path)
    if len(files) == 1 and path.is_dir():
        raise DataError(f"{path} has train.csv alone: test.csv or val.csv is what is reported")
    faults: list[str] = []
    channels: tuple[str, ...] | None = None
    read: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for split, file in files.items():
        names, written = _written(table(file), series)
        if channels not in (None, names):
            raise DataError(f"{file} has the channels {', '.join(names)}, train.csv {', '.join(channels or ())}")
        channels = names
        read[split] = [found for one in written if (found := _usable(one, series, names, faults))]
    notes = (*others, *left_out(faults, series.bad_files == "skip", "series"))
    return _listing(series, read, channels or (), notes)


def _listing(
    series: Series,
    read: dict[str, list[tuple[np.ndarray, np.ndarray]]],
    channels: tuple[str, ...],
    notes: tuple[str, ...],
) -> SeriesListing:
    """Splits, and what the answers are called."""
    answers: tuple[str, ...] = (series.target,)
    if series.task == "prediction":
        answers = channels
    elif series.task != "regression":
        answers = _classes(truth for _, truth in read["train"])
        if len(answers) < 2:
            raise DataError(f"{series.source}: {series.target} is always {', '.join(answers) or 'missing'} in train")
        read = {
            split: [(values, _labels(truth, answers, split, series)) for values, truth in part]
            for split, part in read.items()
        }
    splits: dict[str, tuple[Values, Values]] = {}
    for split, part in read.items():
        truths = [truth for _, truth in part]
        splits[split] = [values for values, _ in part], np.stack(truths) if series.whole and truths else truths
    if len(splits) == 1:
        values, truths_ = splits["train"]
        by = np.asarray(truths_) if series.task == "classification" else np.zeros(len(values), np.int64)
        parts = set_aside_test(range(len(values)), by, series.split_seed)
        if "test" not in parts:
            raise DataError(f"{series.source}: none of {len(values)} series can be set aside as test: give test.csv")
        splits = {
            name: (taken(values, np.asarray(chosen, int)), taken(truths_, np.asarray(chosen, int)))
            for name, (chosen, _) in parts.items()
        }
    return SeriesListing(answers, splits, standardised=series.task != "prediction", notes=notes)


def _classes(truths: Iterator[np.ndarray]) -> tuple[str, ...]:
    """The labels that there are, numbers by their size."""
    found = {str(label) for truth in truths for label in np.ravel(truth)}
    numeric = all(re.fullmatch(r"-?[0-9]+", label) for label in found)
    return tuple(sorted(found, key=int) if numeric else sorted(found))


def _labels(truth: np.ndarray, classes: tuple[str, ...], split: str, series: Series) -> np.ndarray:
    known = {name: label for label, name in enumerate(classes)}
    if strange := sorted({str(label) for label in np.ravel(truth)} - set(known)):
        raise DataError(f"{series.source}: {split} has the label {strange[0]!r}, train has {', '.join(classes)}")
    labels = np.array([known[str(label)] for label in np.ravel(truth)], np.int64)
    return labels if truth.ndim else labels[0]


def _written(found: Table, series: Series) -> tuple[tuple[str, ...], list[_Written]]:
    """The names of the channels, and the series in the order in which they begin."""
    needed = [series.target] if series.task != "prediction" else []
    needed += [series.key] if series.layout == "long" and series.whole else []
    if absent := [name for name in needed if name not in found.header]:
        raise DataError(f"{found.file} has no column {absent[0]!r}, it has {', '.join(found.header)}")
    return (_long if series.layout == "long" else _wide)(found, series)


def _long(found: Table, series: Series) -> tuple[tuple[str, ...], list[_Written]]:
    header = found.header
    apart = {series.key} | ({series.target} if series.task != "prediction" else set())
    columns = [index for index, name in enumerate(header) if name not in apart]
    if not columns:
        raise DataError(f"{found.file} has no channels beside {', '.join(header)}")
    if short := next(((line, row) for line, row in found.rows if len(row) < len(header)), None):
        raise DataError(f"{found.file}, line {short[0]}: {len(short[1])} values, the header has {len(header)}")
    key = header.index(series.key) if series.key in header else None
    target = header.index(series.target) if series.task != "prediction" else None
    groups: dict[str, list[tuple[int, list[str]]]] = {}
    for line, row in found.rows:
        groups.setdefault(found.file.stem if key is None else row[key], []).append((line, row))
    made = [
        _Written(
            f"{found.file}, line {members[0][0]}, series {name!r}",
            [[row[index] for index in columns] for _, row in members],
            [row[target] for _, row in members] if target is not None else [],
        )
        for name, members in groups.items()
    ]
    return tuple(header[index] for index in columns), made


def _wide(found: Table, series: Series) -> tuple[tuple[str, ...], list[_Written]]:
    target = found.header.index(series.target)
    made = []
    for line, row in found.rows:
        cells = [cell for index, cell in enumerate(row) if index != target]
        while cells and cells[-1].lower() in NOTHING:
            cells.pop()
        asked = row[target] if target < len(row) else ""
        made.append(_Written(f"{found.file}, line {line}", [[cell] for cell in cells], [asked]))
    return ("value",), made


def _usable(
    one: _Written, series: Series, channels: tuple[str, ...], faults: list[str]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Values and truth of a series; None where it has a fault, which is added to `faults`."""
    try:
        values = _gaps(numbers(one.cells, channels), series.gaps, channels)
        return _answered(one, values, series)
    except Faulty as fault:
        faults.append(f"{one.place}: {fault}")
        return None


def _gaps(values: np.ndarray, gaps: str, channels: tuple[str, ...]) -> np.ndarray:
    """The values, with what is missing refused, held from the step before, or left as NaN."""
    if not len(values):
        raise Faulty("has no steps")
    missing = np.isnan(values)
    if gaps == "mean" or not missing.any():
        return values
    step, channel = np.argwhere(missing)[0]
    if gaps == "refuse":
        raise Faulty(
            f"values are missing: {missing.sum()} of {missing.size}, "
            f"the first in {channels[channel]} at step {step + 1}: data.gaps=hold or data.gaps=mean fills them"
        )
    last = np.maximum.accumulate(np.where(missing, 0, np.arange(len(values))[:, np.newaxis]), axis=0)
    held = np.take_along_axis(values, last, axis=0)
    if np.isnan(held).any():
        step, channel = np.argwhere(np.isnan(held))[0]
        raise Faulty(f"begins with a gap in {channels[channel]}: there is nothing to hold, data.gaps=mean fills it")
    return held


def _answered(one: _Written, values: np.ndarray, series: Series) -> tuple[np.ndarray, np.ndarray]:
    """The values and what is to be answered about them."""
    if series.task == "prediction":
        if len(values) < 2 or not np.isin(values, (0, 1)).all():
            raise Faulty("prediction is of two steps or more, of 0s and 1s")
        return values[:-1], values[1:]
    if "" in one.asked:
        raise Faulty(f"{series.target} is missing at step {one.asked.index('') + 1}")
    if series.task == "labelling":
        return values, np.array(one.asked)
    if len(set(one.asked)) > 1:
        first, other = list(dict.fromkeys(one.asked))[:2]
        raise Faulty(
            f"{series.target} is {first!r} and {other!r}: a whole series has one (data.task=labelling: one a step)"
        )
    if series.task == "classification":
        return values, np.array(one.asked[0])
    try:
        (number,) = numbers([one.asked[:1]], [series.target])
    except Faulty:
        number = np.array([np.nan], np.float32)
    if np.isnan(number).any():
        raise Faulty(f"{series.target} is {one.asked[0]!r}, which is no number")
    return values, number
