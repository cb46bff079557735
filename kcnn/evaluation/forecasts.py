"""What forecasts of levels are worth: errors in units of what changes from step to step, and what they have to beat."""

from dataclasses import dataclass

import numpy as np

LARGEST_ORDER = 10
"""Of an autoregression, as far as Akaike's criterion may go."""

_SAMPLES = 4
"""An autoregression has at most one order for so many changes."""


def mean_change(levels: np.ndarray) -> np.ndarray:
    """The mean absolute change from step to step of levels (steps, series), a value a series."""
    return np.abs(np.diff(levels, axis=0)).mean(0)


def mase(forecasts: np.ndarray, truths: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The mean absolute scaled error (series,) of forecasts (N, series); a truth that is NaN is not counted.

    `scale` is the mean absolute change of train: 1 is the error of who said there that nothing will change.
    Source: Hyndman and Koehler 2006, section 3.
    """
    return np.nanmean(np.abs(forecasts - truths), axis=0) / scale


@dataclass(frozen=True)
class AutoregressiveModel:
    """A change as a linear function of those before it: `weights` (order,), the latest first, and an intercept.

    What lies before the first change is taken for `mean`.
    """

    intercept: float
    weights: np.ndarray
    mean: float

    @property
    def order(self) -> int:
        """How many changes before it a change depends on."""
        return len(self.weights)

    def ahead(self, changes: np.ndarray, origins: np.ndarray, steps: int) -> np.ndarray:
        """The next changes (origins, steps) after those at the places `origins` of changes (T,); -1 is none of them."""
        known = np.concatenate([np.full(self.order + 1, self.mean), changes])
        places = np.add.outer(origins + self.order + 1, -np.arange(self.order))
        seen = known[places]
        found = []
        for _ in range(steps):
            found.append(self.intercept + seen @ self.weights)
            seen = np.column_stack([found[-1], seen])[:, : self.order]
        return np.stack(found, 1)


def autoregression(changes: np.ndarray, largest: int = LARGEST_ORDER) -> AutoregressiveModel:
    """The least squares fit to changes (T,), of the order up to `largest` that Akaike's criterion likes best.

    All orders are fitted to the same changes, those behind the first `largest`.
    Source: Akaike 1974; Box and Jenkins 1970.
    """
    largest = min(largest, len(changes) // _SAMPLES)
    answers = changes[largest:]
    lagged = [changes[largest - lag : len(changes) - lag] for lag in range(1, largest + 1)]
    columns = np.stack([np.ones(len(answers)), *lagged], 1)
    fits = [np.linalg.lstsq(columns[:, : order + 1], answers, rcond=None)[0] for order in range(largest + 1)]
    best = min(fits, key=lambda fit: _akaike(answers - columns[:, : len(fit)] @ fit, len(fit)))
    return AutoregressiveModel(float(best[0]), best[1:], float(changes.mean()))


def _akaike(residuals: np.ndarray, parameters: int) -> float:
    """Akaike's criterion of a fit with these residuals, up to a constant."""
    squares = max(float(np.mean(residuals**2)), np.finfo(float).tiny)
    return len(residuals) * np.log(squares) + 2 * parameters
