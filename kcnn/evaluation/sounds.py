"""What a network that continues sounds has to beat: codes by how often they are, and by the two samples before them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import cauchy

ORDER = 2
"""How many samples before it the linear prediction looks at."""

_FITTED_ON = 200_000
"""Samples that the spread of the errors is fitted on."""

_SURE = 0.999
"""What the linear prediction is believed: the rest is shared by all codes, so that none is impossible."""

Codes = Sequence[np.ndarray]
"""Recordings, each as its codes (steps,), uint8."""


def histogram_bits(train: Codes, codes: Codes, count: int) -> float:
    """Bits a sample of codes that are expected as often as they are in train, none of `count` less than once."""
    frequencies = np.bincount(np.concatenate(train), minlength=count) + 1.0
    return float(-np.log2(frequencies / frequencies.sum())[np.concatenate(codes)].mean())


@dataclass(frozen=True)
class LinearPrediction:
    """A sample from the `ORDER` before it, by least squares, in amplitude; its errors follow Cauchy's distribution.

    Of the usual distributions it is the one under which speech costs the fewest bits: errors are small in silence and
    large in vowels, so that their tails are heavy. `amplitude` is that of a code, which may be halfway between two.
    """

    amplitude: Callable[[np.ndarray], np.ndarray]
    silent: int
    count: int
    weights: np.ndarray
    scale: float

    @classmethod
    def fitted(
        cls, train: Codes, amplitude: Callable[[np.ndarray], np.ndarray], silent: int, count: int
    ) -> "LinearPrediction":
        """Weights by least squares over all samples of train, the scale that costs the fewest bits of some of them."""
        seen, wanted = _rows(train, amplitude, silent)
        products = seen.T @ seen
        weights = np.linalg.lstsq(products, seen.T @ amplitude(wanted.astype(float)), rcond=None)[0]
        some = slice(None, None, max(1, len(wanted) // _FITTED_ON))
        made = cls(amplitude, silent, count, weights, 1.0)
        found = minimize_scalar(
            lambda log: made._bits(seen[some], wanted[some], np.exp(log)).mean(), bounds=(-12.0, 0.0), method="bounded"
        )
        return cls(amplitude, silent, count, weights, float(np.exp(found.x)))

    def bits(self, codes: Codes) -> float:
        """Bits a sample."""
        seen, wanted = _rows(codes, self.amplitude, self.silent)
        return float(self._bits(seen, wanted, self.scale).mean())

    def _bits(self, seen: np.ndarray, wanted: np.ndarray, scale: float) -> np.ndarray:
        expected = seen @ self.weights
        below = np.where(wanted == 0, -np.inf, self.amplitude(wanted - 0.5))
        above = np.where(wanted == self.count - 1, np.inf, self.amplitude(wanted + 0.5))
        share = cauchy.cdf((above - expected) / scale) - cauchy.cdf((below - expected) / scale)
        return -np.log2(_SURE * share + (1.0 - _SURE) / self.count)


def _rows(codes: Codes, amplitude: Callable[[np.ndarray], np.ndarray], silent: int) -> tuple[np.ndarray, np.ndarray]:
    """For each sample the amplitudes before it and 1 (samples, ORDER + 1), and its code; at first there is silence."""
    rows = []
    for each in codes:
        heard = amplitude(np.concatenate([np.full(ORDER, silent), each]).astype(float))
        lagged = [heard[ORDER - lag : len(heard) - lag] for lag in range(1, ORDER + 1)]
        rows.append(np.stack([*lagged, np.ones(len(each))], axis=1))
    return np.concatenate(rows), np.concatenate(list(codes)).astype(np.int64)
