"""Intervals around forecasts, from how far forecasts were off on steps that were set aside: split conformal."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

COVERAGES = (0.8, 0.95)
"""The shares of truths that the intervals are to hold."""


@dataclass(frozen=True)
class Intervals:
    """How far an interval reaches to either side, `radii` (coverages, steps ahead, series); NaN where none is known.

    They hold so many truths where steps are exchangeable, which those of series in time are not quite, and where
    nothing was chosen by the steps they come from: what they really hold is measured on others.
    Source: Papadopoulos et al. 2002; Lei et al. 2018, section 2.2.
    """

    coverages: tuple[float, ...]
    radii: np.ndarray

    @property
    def steps(self) -> int:
        """How many steps ahead they are known for."""
        return self.radii.shape[1]

    def held(self, distances: np.ndarray) -> np.ndarray:
        """The share (coverages, steps ahead, series) of distances (N, steps, series) that are within them.

        A distance that is NaN is not counted; NaN where none is, or no interval is known.
        """
        off = np.abs(distances)[np.newaxis]
        counted = ~np.isnan(off) & ~np.isnan(self.radii)[:, np.newaxis]
        inside = np.sum(counted & (off <= self.radii[:, np.newaxis]), axis=1)
        counts = counted.sum(1)
        return np.divide(inside, counts, out=np.full(counts.shape, np.nan), where=counts > 0)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, with null where none is known."""
        radii = self.radii.astype(object)
        radii[np.isnan(self.radii)] = None
        return {"coverages": list(self.coverages), "radii": radii.tolist()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Intervals":
        """The inverse of `to_json`."""
        return cls(tuple(values["coverages"]), np.array(values["radii"], np.float64))


def conformal(distances: np.ndarray, coverages: tuple[float, ...] = COVERAGES) -> Intervals:
    """Those of distances (N, steps ahead, series) between truth and forecast; NaN is not counted.

    Of n distances the ceil((n + 1) coverage)-th smallest is the radius; there is none where that is more than n.
    """
    _, steps, series = distances.shape
    radii = np.full((len(coverages), steps, series), np.nan)
    for step in range(steps):
        for one in range(series):
            off = np.abs(distances[:, step, one])
            ordered = np.sort(off[~np.isnan(off)])
            for place, coverage in enumerate(coverages):
                rank = math.ceil((len(ordered) + 1) * coverage)
                if rank <= len(ordered):
                    radii[place, step, one] = ordered[rank - 1]
    return Intervals(coverages, radii)
