"""Checkpoints: one file that holds everything a training needs to go on, replaced atomically."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kcnn.errors import InputError
from kcnn.workspace import atomic_file


@dataclass
class Progress:
    """How far a training has come. `step` batches of `epoch` (counted from 0) are done; `sums` belong to them.

    `sums` are what the objective reports and the examples, over the epoch so far, empty at its beginning; `best` is
    the lowest validation loss, or minus the highest accuracy, and the epoch that reached it.
    """

    epoch: int = 0
    step: int = 0
    sums: tuple[float, ...] = ()
    seconds: float = 0.0
    best: tuple[float, int] | None = None
    finished: bool = False
    history: list[dict[str, float]] = field(default_factory=list)


def save(path: Path, progress: Progress, variables: Sequence[Any]) -> None:
    """Write progress and the values of Keras variables, in order."""
    arrays: dict[str, Any] = {f"{index:05}": np.asarray(variable) for index, variable in enumerate(variables)}
    arrays["progress"] = np.array(json.dumps(asdict(progress)))
    with atomic_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def load(path: Path, variables: Sequence[Any]) -> Progress:
    """Read the values back into the same variables. Raises `InputError` where the file does not fit them."""
    try:
        # Opened here: NumPy leaves a damaged archive open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            values = json.loads(str(stored["progress"]))
            arrays = [stored[name] for name in sorted(stored.files) if name != "progress"]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is not a readable checkpoint: {error}") from None
    shapes = [tuple(variable.shape) for variable in variables]
    if [array.shape for array in arrays] != shapes:
        raise InputError(f"{path} does not fit this model: it was written by another recipe or version")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    best = tuple(values["best"]) if values["best"] else None
    return Progress(**values | {"sums": tuple(values["sums"]), "best": best})
