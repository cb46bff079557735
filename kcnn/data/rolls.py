"""Piano rolls in a MATLAB file: which of 88 keys sound at each step, in pieces of their own lengths.

The layout is that of the files that Boulanger-Lewandowski et al. 2012 are compared on: `traindata`, `validdata` and
`testdata`, each a cell array of pieces (steps, keys).
"""

from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat

from kcnn.data.check import left_out
from kcnn.data.series import SeriesListing
from kcnn.errors import DataError
from kcnn.recipes.series import Series

_SPLITS = {"train": "traindata", "val": "validdata", "test": "testdata"}
_LOWEST = 21
"""MIDI's number of the lowest of 88 keys, an A."""

_NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def piano_rolls(series: Series) -> SeriesListing:
    """Every piece but its last step as values, and but its first as what is to be answered.

    Raises `DataError` for a file that is none, or pieces that are not 0s and 1s of two steps or more.
    """
    path = Path(series.source)
    read = _read(path)
    found = {name: _pieces(path, key, read[key]) for name, key in _SPLITS.items() if key in read}
    if "train" not in found or len(found) == 1:
        raise DataError(f"{path} must hold traindata, and validdata or testdata")
    keys = {piece.shape[1] for pieces in found.values() for piece in pieces if piece.ndim == 2}
    if len(keys) != 1:
        raise DataError(
            f"{path}: the pieces have {', '.join(map(str, sorted(keys))) or 'no'} keys: as many in each are needed"
        )
    faults: list[str] = []
    splits = {name: _halves(name, pieces, faults) for name, pieces in found.items()}
    notes = left_out([f"{path} ({fault})" for fault in faults], series.bad_files == "skip", "piece")
    return SeriesListing(_names(keys.pop()), splits, standardised=False, notes=notes)


def _read(path: Path) -> dict[str, Any]:
    try:
        return loadmat(path)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
    except Exception as error:  # SciPy raises whatever a damaged file makes it
        raise DataError(f"{path} is no MATLAB file that can be read: {error}") from None


def _pieces(path: Path, key: str, cells: np.ndarray) -> list[np.ndarray]:
    if cells.dtype != object:
        raise DataError(f"{path}: {key} must be a cell array of pieces (steps, keys)")
    return [np.asarray(cell) for cell in cells.ravel()]


def _halves(split: str, pieces: list[np.ndarray], faults: list[str]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What is seen and what comes next, of the pieces that can be used; the others are added to `faults`."""
    good = []
    for number, piece in enumerate(pieces, 1):
        if fault := _fault(piece):
            faults.append(f"piece {number} of {split}: {fault}")
        else:
            good.append(piece.astype(np.float32))
    return [piece[:-1] for piece in good], [piece[1:] for piece in good]


def _fault(piece: np.ndarray) -> str | None:
    if piece.ndim != 2 or len(piece) < 2:
        return f"has the shape {piece.shape}, at least two steps of keys are needed"
    if piece.dtype.kind not in "biuf" or not np.isin(piece, (0, 1)).all():
        return "has values other than 0 and 1"
    return None


def _names(keys: int) -> tuple[str, ...]:
    """What pianists call the keys of a piano, C4 being the middle one; numbers where there are not 88."""
    if keys != 88:
        return tuple(map(str, range(1, keys + 1)))
    return tuple(f"{_NOTES[midi % 12]}{midi // 12 - 1}" for midi in range(_LOWEST, _LOWEST + keys))
