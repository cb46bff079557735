"""What a source of series must be, before anything heavy is imported. No TensorFlow."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from kcnn.data.files import tables
from kcnn.errors import DataError, InputError, unknown
from kcnn.recipes.series import Question, Series

GENERATED: dict[str, Question] = {"adding": "regression", "copy": "labelling"}
"""The problems that are generated, and what each asks; their `length` is a T, not what series are brought to."""

_DEFAULTS = {field.name: field.default for field in fields(Series)}


def check(series: Series) -> None:
    """Refuse a source that is none, or that cannot be asked what is asked.

    Raises `InputError` with the nearest name, `DataError` for a path that is not there.
    """
    source, only = series.source, asked(series.source)
    if only and series.task != only:
        raise InputError(f"data.task of {source} must be {only}, got {series.task}")
    if series.permuted and not source.startswith("tfds:"):
        raise InputError(f"data.permuted is for images that are read pixel by pixel, got {source!r}")
    if series.permuted and series.length:
        raise InputError("data.length cuts what data.permuted has mixed: leave one of them out")
    _check_shape(series)
    if source not in GENERATED:
        _check_unused(series, ["examples"], f"is for {' and '.join(GENERATED)}, got {source!r}")
    if only:
        _check_unused(series, ["layout", "key", "target", "gaps"], f"is for a .csv, got {source!r}")
    if source in GENERATED:
        if series.length is not None and series.length < 2:
            raise InputError(f"data.length of {source} must be at least 2, got {series.length}")
        return
    if source == "tfds:":
        raise InputError("data.source must name a dataset after tfds:, for example tfds:mnist")
    if not source.startswith("tfds:"):
        _check_path(source)


def _check_shape(series: Series) -> None:
    """Refuse what contradicts what is asked."""
    if series.key == series.target and series.layout == "long" and series.task != "prediction":
        raise InputError(f"data.key and data.target must be different columns, got {series.key!r} for both")
    if series.length and not series.whole and series.source not in GENERATED:
        raise InputError(f"data.length is what whole series are brought to, {series.task} answers every step")
    if series.layout == "wide" and not series.whole:
        raise InputError(f"data.layout=wide has one answer a series, {series.task} needs data.layout=long")
    if series.layout == "wide":
        _check_unused(series, ["key"], "names a column of data.layout=long")
    if series.task == "prediction":
        _check_unused(series, ["target"], "is what is asked beside the channels, prediction asks for these")
        if series.gaps == "mean":
            raise InputError(
                "data.gaps=mean fills no gap between 0s and 1s, of which prediction is: data.gaps=hold does"
            )


def _check_unused(series: Series, names: Sequence[str], why: str) -> None:
    """Refuse another value than the default for what is not used."""
    for name in names:
        if getattr(series, name) != _DEFAULTS[name]:
            raise InputError(f"data.{name} {why}: data.{name}={_DEFAULTS[name]} leaves it out")


def asked(source: str) -> Question | None:
    """What a source can only be asked; None where the user says it."""
    if source.startswith("tfds:"):
        return "classification"
    if source.lower().endswith(".mat"):
        return "prediction"
    return GENERATED.get(source)


def _check_path(source: str) -> None:
    path = Path(source)
    if path.is_dir():
        tables(path)
    elif not path.exists():
        if "/" in source or "." in source:
            raise DataError(f"{source} is not there")
        raise unknown("source of series", source, (*GENERATED, "tfds:mnist"))
    elif path.suffix.lower() not in (".csv", ".mat"):
        raise DataError(f"{source} is neither a .csv nor a .mat")
