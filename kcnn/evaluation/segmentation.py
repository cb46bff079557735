"""What an answer for every pixel is worth, from counts of which class was taken for which.

Counts are (classes, classes), row the true class, column the answered one, as `confusion` makes them of all pixels that
are counted. Scores of a class are in 0..1, and NaN for one that neither occurs nor is answered.
"""

import numpy as np


def pixel_error(counts: np.ndarray) -> float:
    """The share of pixels that got another class than their own, in 0..1; NaN of none."""
    total = counts.sum()
    return float(1 - np.trace(counts) / total) if total else float("nan")


def iou(counts: np.ndarray) -> np.ndarray:
    """Intersection over union of each class's true and answered pixels (classes,): Jaccard's index."""
    both = np.diagonal(counts).astype(np.float64)
    return _ratio(both, counts.sum(0) + counts.sum(1) - both)


def dice(counts: np.ndarray) -> np.ndarray:
    """Twice the intersection over the sum of both sizes, of each class (classes,): its F1 score."""
    return _ratio(2.0 * np.diagonal(counts), counts.sum(0) + counts.sum(1))


def mean(scores: np.ndarray) -> float:
    """The mean over the classes that have a score; NaN where none has."""
    defined = scores[~np.isnan(scores)]
    return float(defined.mean()) if len(defined) else float("nan")


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
