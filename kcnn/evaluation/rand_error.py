"""Whether cells are apart: the Rand error of the ISBI 2012 challenge on membranes.

Counted are pairs of pixels of one image that lie in cells of the truth (foreground-restricted: its membrane is left
out). With s_i pixels in cell i of the truth, t_j of these in cell j of the answer and p_ij in both,

    error = 1 - 2 sum p_ij (p_ij - 1) / (sum s_i (s_i - 1) + sum t_j (t_j - 1)),

one minus the F-score of "lie in the same cell": precision is the share of the answer's pairs that are the truth's,
recall that of the truth's that are the answer's. What the answer takes for membrane lies in no cell, so it makes no
pairs of its own. Cells are connected over sides (4-neighbourhood), and pairs are added up over the images.

Source: I. Arganda-Carreras et al., Crowdsourcing the creation of image segmentation algorithms for connectomics,
Frontiers in Neuroanatomy 9:142, 2015; the form is that of the challenge's program (Fiji, Trainable Segmentation,
RandError), whose later V_rand(thinned) thins the membranes first and is not computed here.
`skimage.metrics.adapted_rand_error` gives the same where each membrane pixel of the answer has a label of its own; it
takes all pixels of label 0 for one cell.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from kcnn.errors import InputError

THRESHOLDS = tuple(round(0.1 * step, 1) for step in range(1, 10))
"""Levels of probability above which a pixel is taken for one of a cell."""


@dataclass(frozen=True)
class Pairs:
    """How many ordered pairs of pixels lie in the same cell of the truth, of the answer, and of both."""

    truth: int = 0
    answer: int = 0
    both: int = 0

    def __add__(self, other: "Pairs") -> "Pairs":
        return Pairs(self.truth + other.truth, self.answer + other.answer, self.both + other.both)

    @property
    def error(self) -> float:
        """One minus the F-score; 0 where neither has a pair."""
        total = self.truth + self.answer
        return 1 - 2 * self.both / total if total else 0.0


class RandError:
    """The error of a set of images at the one threshold that is best for all of them, an image at a time."""

    def __init__(self, thresholds: Iterable[float] = THRESHOLDS):
        self._pairs = dict.fromkeys(thresholds, Pairs())

    def add(self, truth: np.ndarray, answer: np.ndarray) -> None:
        """Count one image: `truth` (H, W) is not 0 in cells, `answer` (H, W) the probability of lying in one.

        Raises `InputError` for different sizes.
        """
        if truth.shape != answer.shape:
            raise InputError(f"an answer must have its truth's size {truth.shape}, got {answer.shape}")
        labelled = cells(truth)
        for threshold, before in self._pairs.items():
            self._pairs[threshold] = before + pairs(labelled, cells(answer > threshold))

    @property
    def errors(self) -> dict[float, float]:
        """The error at each threshold."""
        return {threshold: counted.error for threshold, counted in self._pairs.items()}

    @property
    def threshold(self) -> float:
        """The first threshold with the smallest error."""
        return min(self.errors, key=self.errors.__getitem__)

    @property
    def best(self) -> float:
        """The smallest error over the thresholds."""
        return min(self.errors.values())


def cells(inside: np.ndarray) -> np.ndarray:
    """The number of the cell (H, W), from 1 on, that each pixel that is not 0 lies in; 0 outside of cells."""
    return ndimage.label(inside)[0]


def pairs(truth: np.ndarray, answer: np.ndarray) -> Pairs:
    """The pairs of pixels of one image, from the numbers of the cells (H, W), integers, 0 for none."""
    columns = int(answer.max(initial=0)) + 1
    within = truth > 0
    joint = truth[within].astype(np.int64) * columns + answer[within]
    in_answer = answer[within][answer[within] > 0]
    in_both = joint[answer[within] > 0]
    return Pairs(_ordered(truth[within]), _ordered(in_answer), _ordered(in_both))


def _ordered(numbers: np.ndarray) -> int:
    """How many ordered pairs have the same number."""
    _, counts = np.unique(numbers, return_counts=True)
    return int((counts.astype(np.int64) * (counts - 1)).sum())
