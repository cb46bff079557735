"""Let a run say how series go on: those that it has learned from, or those of another file."""

import csv
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.data import dated
from kcnn.errors import DataError, InputError
from kcnn.experiment import folder, startup, tasks
from kcnn.recipes.forecast import Forecast
from kcnn.workspace import Workspace, atomic_file, check_figure, check_free

if TYPE_CHECKING:
    import numpy as np

    from kcnn.data.calendars import Calendar
    from kcnn.data.dated import Dated
    from kcnn.evaluation.intervals import Intervals
    from kcnn.experiment.folder import RunFolder
    from kcnn.experiment.trained import Trained

LEADING = 60
"""Steps before the forecast that are drawn."""


@dataclass(frozen=True)
class Continued:
    """What was said of the steps after `origin`, a date or the number of a row: a row a series and step.

    A row has `series`, `step`, `date` where the dates that follow are known, `forecast`, `lower_80`, `upper_80` and so
    on where intervals are, and `truth` where it has come.
    """

    run: str
    source: str
    origin: str | int
    rows: list[dict[str, Any]]
    notes: tuple[str, ...] = ()
    path: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        written = {"written": str(self.path)} if self.path else {}
        return {"run": self.run, "source": self.source, "origin": self.origin, "forecasts": self.rows, **written}


def forecast(
    run: str,
    file: Path | str | None = None,
    *,
    steps: int = 10,
    back: int = 0,
    output: Path | str | None = None,
    overwrite: bool = False,
    workspace: Workspace | None = None,
) -> Continued:
    """Say `steps` steps after the end of a file's series, by their names; without a file of the run's own data.

    With `back` it is said as many steps before the end, and the truth stands beside it. `output` is a .png or a .csv.
    Raises InputError where the run does not forecast or nothing can be written, DataError for faults of the file.
    """
    workspace = workspace or Workspace()
    path = None if output is None else _checked(Path(output), overwrite)
    for what, number, least in (("steps", steps, 1), ("back", back, 0)):
        if number < least:
            raise InputError(f"{what} must be at least {least}, got {number}")
    found = folder.find(workspace, run)
    data = found.recipe().data
    if not isinstance(data, Forecast):
        raise InputError(f"{found.name} does {tasks.of(found.recipe())}: only runs that forecast say how series go on")
    found.check_finished()
    series = _read(found, data, str(file or data.source), back)
    startup.start(workspace)
    return _continued(found, data, series, steps, back, path)


def write_rows(rows: list[dict[str, Any]], path: Path) -> None:
    """As a .csv with a column for whatever some row has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def _checked(path: Path, overwrite: bool) -> Path:
    if path.suffix.lower() != ".csv":
        if path.suffix.lower() != ".png":
            raise InputError(f"-o is a figure or a table, a file ending in .png or .csv, got {str(path)!r}")
        check_figure(path)
    check_free(path, overwrite)
    return path


def _read(found: "RunFolder", data: Forecast, source: str, back: int) -> "Dated":
    """The run's series in a file, fit to be continued from `back` steps before the end."""
    known = (found.read("source") or {})["preprocessing"]
    dated.check(source)
    series = dated.read(Path(source), data.date, data.gaps, known["series"])
    if data.changes == "log":
        dated.check_logarithms(series)
    count = len(series.levels)
    if count < 2:
        raise DataError(f"{source} has one row, a change needs two")
    if count - back < 2:
        raise InputError(f"--back may be up to {count - 2}: {source} has {count} rows, a change needs two, got {back}")
    return series


def _continued(
    found: "RunFolder", data: Forecast, series: "Dated", steps: int, back: int, path: Path | None
) -> Continued:
    """Ask the network, put intervals around what it says, write it down."""
    import numpy as np

    from kcnn.data.calendars import calendar
    from kcnn.experiment import trained
    from kcnn.experiment.forecaster import Forecaster

    run = trained.load(found)
    forecaster = Forecaster(run.model, run.preprocessing)
    origin = len(series.levels) - 1 - back
    said = forecaster.ahead(series.levels[: origin + 1], np.array([origin]), steps)[0]
    dates = calendar(series.dates) if series.dates else None
    times = _times(series, dates, origin + 1 + steps)
    if path and path.suffix.lower() == ".png":
        _draw(run, series, said, times, origin, path)
    rows = _rows(run, series, said, times, origin)
    if path and path.suffix.lower() == ".csv":
        write_rows(rows, path)
    notes = [*series.notes, *_notes(series, dates, forecaster.seen, run.intervals, origin, steps)]
    at = _written(series.dates[origin]) if series.dates else origin + 1
    return Continued(found.name, str(series.file), at, rows, tuple(notes), path)


def _times(series: "Dated", dates: "Calendar | None", count: int) -> list[datetime] | None:
    """The dates of the first `count` steps, also of those to come; None where they cannot be told."""
    if not series.dates or not dates:
        return None
    missing = max(count - len(series.dates), 0)
    later = dates.after(series.dates[-1], missing) if missing else []
    return None if later is None else [*series.dates, *later]


def _rows(
    run: "Trained",
    series: "Dated",
    said: "np.ndarray",
    times: list[datetime] | None,
    origin: int,
) -> list[dict[str, Any]]:
    from kcnn.experiment.forecast_panels import bands

    around = bands(said, run.preprocessing, run.intervals)
    coverages = run.intervals.coverages if run.intervals else ()
    made = []
    for target, name in enumerate(run.classes):
        for step, level in enumerate(said[:, target].tolist()):
            row: dict[str, Any] = {"series": name, "step": step + 1}
            if times:
                row["date"] = _written(times[origin + 1 + step])
            row["forecast"] = level
            for coverage, (lower, upper) in zip(coverages, around, strict=True):
                if not math.isnan(lower[step, target]):
                    row[f"lower_{100 * coverage:g}"] = float(lower[step, target])
                    row[f"upper_{100 * coverage:g}"] = float(upper[step, target])
            if origin + 1 + step < len(series.levels):
                row["truth"] = float(series.levels[origin + 1 + step, target])
            made.append(row)
    return made


def _draw(
    run: "Trained",
    series: "Dated",
    said: "np.ndarray",
    times: list[datetime] | None,
    origin: int,
    path: Path,
) -> None:
    import numpy as np

    from kcnn.experiment.forecast_panels import Stretch, drawn
    from kcnn.plots.figure import save

    count = max(len(series.levels), origin + 1 + len(said))
    known = series.levels[: origin + 1 + len(said)]
    axis = np.array(times) if times else np.arange(1, count + 1)
    stretch = Stretch(origin + 1, said)
    save(drawn(run.classes, known, axis, [stretch], run.preprocessing, run.intervals, LEADING), path)


def _notes(
    series: "Dated", dates: "Calendar | None", seen: int, intervals: "Intervals | None", origin: int, steps: int
) -> list[str]:
    """What should be known of the data and of the answer."""
    found = [f"{series.file}: {dates.note}"] if dates and dates.note else []
    if origin < seen:
        found.append(f"{series.file} has {origin} changes to begin with, the network can see {seen}")
    if intervals is None:
        found.append("no interval is known: the run held no steps out (data.validation)")
    elif steps > intervals.steps:
        found.append(f"intervals are known for {intervals.steps} steps, which is data.horizon of the run")
    return found


def _written(date: datetime) -> str:
    """A date alone where it is midnight."""
    text = date.isoformat()
    return text.removesuffix("T00:00:00")
