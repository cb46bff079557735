"""Series in CSV files: a row a step ("long"), or a row a series ("wide")."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kcnn.data.cells import NOTHING, Faulty, as_number, numbers, table
from kcnn.data.check import left_out
from kcnn.data.files import tables as csv_files
from kcnn.data.rows import Row, Table
from kcnn.data.series import SeriesListing, Values, taken
from kcnn.data.source import set_aside_test
from kcnn.errors import DataError
from kcnn.recipes.series import KEY, Series


@dataclass(frozen=True)
class _Written:
    """One series as it is written: where it begins, its cells by step and channel, the cells of what is asked.

    Where a row of it cannot be used, that is where and what the `fault` is.
    """

    place: str
    cells: Sequence[Sequence[str]] = ()
    asked: Sequence[str] = ()
    fault: str | None = None


@dataclass(frozen=True)
class _Read:
    """One series that can be used: where it begins, its values (steps, channels) in float64, what is answered about it.

    `truth` is what it is in `SeriesExamples`, but for labels, which are names.
    """

    place: str
    values: np.ndarray
    truth: np.ndarray


def tables(series: Series) -> SeriesListing:
    """The series of a file, a fifth of which is set aside as `test`, or of a folder of `train.csv` and others.

    Raises `DataError` naming file, line and column of what cannot be used.
    """
    path = Path(series.source)
    files, others = ({"train": path}, ()) if path.is_file() else csv_files(path)
    if len(files) == 1 and path.is_dir():
        raise DataError(f"{path} has train.csv alone: test.csv or val.csv is what is reported")
    faults: list[str] = []
    alone: list[str] = []
    channels: tuple[str, ...] | None = None
    read: dict[str, list[_Read]] = {}
    for split, file in files.items():
        found = table(file, ragged=series.layout == "wide")
        names, written = _written(found, series)
        if channels not in (None, names):
            raise DataError(f"{file} has the channels {', '.join(names)}, train.csv {', '.join(channels or ())}")
        channels = names
        if series.layout == "long" and series.key not in found.header:
            alone.append(f"{file} has no column {series.key!r}: all of its rows are one series")
        read[split] = [usable for one in written if (usable := _usable(one, series, names, faults))]
    answers = _answers(series, channels or (), read["train"])
    if series.task in ("classification", "labelling"):
        read = {split: _numbered(part, answers, series, faults) for split, part in read.items()}
    notes = (*others, *alone, *left_out(faults, series.bad_files == "skip", "series"))
    if series.task in ("classification", "labelling") and len(answers) < 2:
        raise DataError(f"{series.source}: {series.target} is always {', '.join(answers) or 'missing'} in train")
    if series.task != "prediction":
        _check_told_apart(series.source, channels or (), [one.values for one in read["train"]])
    splits = {split: _together(part, series.whole) for split, part in read.items()}
    if len(splits) == 1:
        splits = _set_aside(series, *splits["train"])
    return SeriesListing(answers, splits, standardised=series.task != "prediction", notes=notes)


def _answers(series: Series, channels: tuple[str, ...], train: Iterable[_Read]) -> tuple[str, ...]:
    """What the answers are called."""
    if series.task == "prediction":
        return channels
    return (series.target,) if series.task == "regression" else _classes(train)


def _check_told_apart(source: str, channels: Sequence[str], train: Sequence[np.ndarray]) -> None:
    """Raise `DataError` where a channel varies, but by too little beside its size for float32 to show."""
    for channel, name in enumerate(channels):
        values = np.concatenate([np.empty(0), *(one[:, channel] for one in train)])
        values = values[~np.isnan(values)]
        mean, std = (values.mean(), values.std()) if len(values) else (0.0, 0.0)
        # Below is what rounding makes of a constant in float64, above what is not taken for constant in float32.
        if 1e-12 * abs(mean) < std <= 1e-6 * abs(mean):
            raise DataError(
                f"{source}: {name} varies by {std:.3g} around {mean:.10g}, which is lost in float32: "
                "subtract what is common to all, or leave the column out"
            )


def _together(part: Sequence[_Read], whole: bool) -> tuple[Values, Values]:
    truths = [one.truth for one in part]
    return [one.values.astype(np.float32) for one in part], np.stack(truths) if whole and truths else truths


def _set_aside(series: Series, values: Values, truths: Values) -> dict[str, tuple[Values, Values]]:
    """`train` and `test` of what comes in one piece."""
    by = np.asarray(truths) if series.task == "classification" else np.zeros(len(values), np.int64)
    parts = set_aside_test(range(len(values)), by, series.split_seed)
    if "test" not in parts:
        raise DataError(f"{series.source}: none of {len(values)} series can be set aside as test: give test.csv")
    return {
        name: (taken(values, np.asarray(chosen, int)), taken(truths, np.asarray(chosen, int)))
        for name, (chosen, _) in parts.items()
    }


def _classes(train: Iterable[_Read]) -> tuple[str, ...]:
    """The labels that there are, numbers by their size."""
    found = {str(label) for one in train for label in np.ravel(one.truth)}
    numeric = all(re.fullmatch(r"-?[0-9]+", label) for label in found)
    return tuple(sorted(found, key=int) if numeric else sorted(found))


def _numbered(part: Iterable[_Read], classes: Sequence[str], series: Series, faults: list[str]) -> list[_Read]:
    """The same with labels as numbers; what has one that train lacks is added to `faults`."""
    known = {name: label for label, name in enumerate(classes)}
    made = []
    for one in part:
        names = [str(name) for name in np.ravel(one.truth)]
        if strange := next((step for step, name in enumerate(names, 1) if name not in known), 0):
            at = f" at step {strange}" if one.truth.ndim else ""
            has = ", ".join(classes) or "none"
            faults.append(f"{one.place}: {series.target} is {names[strange - 1]!r}{at}, train has {has}")
            continue
        labels = np.array([known[name] for name in names], np.int64)
        made.append(replace(one, truth=labels if one.truth.ndim else labels[0]))
    return made


def _written(found: Table, series: Series) -> tuple[tuple[str, ...], list[_Written]]:
    """The names of the channels, and the series in the order in which they begin."""
    needed = [series.target] if series.task != "prediction" else []
    needed += [series.key] if series.layout == "long" and (series.whole or series.key != KEY) else []
    if absent := [name for name in needed if name not in found.header]:
        raise DataError(f"{found.file} has no column {absent[0]!r}, it has {', '.join(found.header)}")
    return (_long if series.layout == "long" else _wide)(found, series)


def _long(found: Table, series: Series) -> tuple[tuple[str, ...], list[_Written]]:
    header = found.header
    apart = {series.key} | ({series.target} if series.task != "prediction" else set())
    columns = [index for index, name in enumerate(header) if name not in apart]
    if not columns:
        raise DataError(f"{found.file} has no channels beside {', '.join(header)}")
    key = header.index(series.key) if series.key in header else None
    target = header.index(series.target) if series.task != "prediction" else None
    made = []
    for name, rows in _grouped(found, key).items():
        faulty = next((row for row in rows if row.fault), None)
        place = f"{found.file}, line {(faulty or rows[0]).line}" + (f", series {name!r}" if name else "")
        if faulty or not name:
            more = f", as in {len(rows) - 1} more" if len(rows) > 1 else ""
            made.append(_Written(place, fault=faulty.fault if faulty else f"{series.key} is missing{more}"))
            continue
        cells = [[row.cells[index] for index in columns] for row in rows]
        made.append(_Written(place, cells, [row.cells[target] for row in rows] if target is not None else []))
    return tuple(header[index] for index in columns), made


def _grouped(found: Table, key: int | None) -> dict[str, list[Row]]:
    """The rows by the name of their series; those that name none under ""."""
    if key is None:
        return {found.file.stem: list(found.rows)}
    groups: dict[str, list[Row]] = {}
    for row in found.rows:
        name = "".join(row.cells[key : key + 1])
        groups.setdefault("" if name.lower() in NOTHING else name, []).append(row)
    return groups


def _wide(found: Table, series: Series) -> tuple[tuple[str, ...], list[_Written]]:
    target = found.header.index(series.target)
    made = []
    for row in found.rows:
        cells = [cell for index, cell in enumerate(row.cells) if index != target]
        while cells and cells[-1].lower() in NOTHING:
            cells.pop()
        asked = row.cells[target] if target < len(row.cells) else ""
        made.append(_Written(f"{found.file}, line {row.line}", [[cell] for cell in cells], [asked], row.fault))
    return ("value",), made


def _usable(one: _Written, series: Series, channels: tuple[str, ...], faults: list[str]) -> _Read | None:
    """Values and truth of a series; None where it has a fault, which is added to `faults`."""
    try:
        if one.fault:
            raise Faulty(one.fault)
        values = _gaps(numbers(one.cells, channels), series.gaps, channels)
        return _Read(one.place, *_answered(one, values, series))
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
        return values[:-1], values[1:].astype(np.float32)
    if missing := next((step for step, cell in enumerate(one.asked, 1) if cell.lower() in NOTHING), 0):
        cell = one.asked[missing - 1]
        raise Faulty(f"{series.target} is missing at step {missing}" + (f" ({cell!r})" if cell else ""))
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
        return values, np.array([as_number(one.asked[0])], np.float32)
    except Faulty as fault:
        raise Faulty(f"{series.target} is {one.asked[0]!r}, which {fault}") from None
