"""Forecasts as figures: stretches of steps that were said, on what is known of each series."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kcnn.data.forecasts import ForecastPreparation
from kcnn.evaluation.intervals import Intervals
from kcnn.plots.figure import Figure
from kcnn.plots.forecasts import Ahead, Panel, panels


@dataclass(frozen=True)
class Stretch:
    """Levels (steps, targets) that were said of the steps from `first` on.

    In a `fan` all were said the step before the first; else each was said the step before it.
    """

    first: int
    levels: np.ndarray
    fan: bool = True


def bands(
    levels: np.ndarray, preparation: ForecastPreparation, intervals: Intervals | None, fan: bool = True
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The lower and upper ends (steps, targets) around levels, a pair a coverage; NaN where no interval is known."""
    found = []
    for radii in () if intervals is None else intervals.radii:
        reach = np.full(levels.shape, np.nan)
        if fan:
            reach[: len(radii)] = radii[: len(levels)]
        else:
            reach[:] = radii[0]
        found.append((preparation.around(levels, -reach), preparation.around(levels, reach)))
    return found


def drawn(
    names: Sequence[str],
    known: np.ndarray,
    times: np.ndarray,
    stretches: Sequence[Stretch],
    preparation: ForecastPreparation,
    intervals: Intervals | None,
    leading: int,
) -> Figure:
    """A panel a target, from `leading` steps before the first stretch to the end of levels `known` (steps, series).

    `times` are steps or dates, also of what is not known yet.
    """
    begin = max(min(stretch.first for stretch in stretches) - leading, 0)
    ends = [bands(stretch.levels, preparation, intervals, stretch.fan) for stretch in stretches]
    made = []
    for target, name in enumerate(names):
        ahead = [
            Ahead(
                times[stretch.first : stretch.first + len(stretch.levels)],
                stretch.levels[:, target],
                [(lower[:, target], upper[:, target]) for lower, upper in around],
            )
            for stretch, around in zip(stretches, ends, strict=True)
        ]
        made.append(Panel(name, times[begin : len(known)], known[begin:, target], ahead))
    return panels(made)
