"""What `kcnn predict` does with dated series."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.cli.forecast import print_rows
from kcnn.cli.output import print_json, say
from kcnn.cli.predict_images import free
from kcnn.data import dated
from kcnn.errors import DataError, InputError

if TYPE_CHECKING:
    from kcnn.serving.answers import Reading
    from kcnn.serving.client import Client


def about_levels(
    client: "Client", model: str, files: Sequence[Path], folder: Path | None, overwrite: bool, as_json: bool
) -> None:
    """Ask how the series of each file go on; print it, or write a table for each."""
    from kcnn.experiment.forecast import write_rows

    reading = client.reading(model)
    rows = [_asked(client, model, file, reading) for file in files]
    targets: list[Path] = []
    if folder:
        targets = [folder / f"{file.name.partition('.')[0]}_forecast.csv" for file in files]
        free(targets, files, folder, overwrite)
        for target, of_file in zip(targets, rows, strict=True):
            write_rows(of_file, target)
    if as_json:
        written: list[str | None] = [*map(str, targets)] or [None] * len(files)
        keys = ("series", "forecasts", "written")
        found = [dict(zip(keys, each, strict=True)) for each in zip(map(str, files), rows, written, strict=True)]
        print_json({"predictions": found})
        return
    for file, of_file in zip(files, rows, strict=True):
        print_rows(of_file, title=str(file))
    for target in targets:
        say(f"{target}")


def _asked(client: "Client", model: str, file: Path, reading: "Reading") -> list[dict[str, Any]]:
    """The answer about a file, which is read as training read its own, a row a series and step."""
    dated.check(str(file))
    found = dated.read(file, reading.date, reading.gaps, reading.series)
    for note in found.notes:
        say(note)
    try:
        answer: Any = client.series(model, found.levels)
    except InputError as error:
        raise (DataError if getattr(error, "status", 0) == 400 else InputError)(f"{file}: {error}") from None
    rows = []
    for name, levels in answer.forecast.items():
        for step, level in enumerate(levels):
            row = {"series": name, "step": step + 1, "forecast": level}
            for coverage in answer.lower:
                row[f"lower_{coverage}"] = answer.lower[coverage][name][step]
                row[f"upper_{coverage}"] = answer.upper[coverage][name][step]
            rows.append(row)
    return rows
