"""The loss of the best answer that does not look at its input: what a network has to beat."""

from collections.abc import Sequence

import numpy as np
from scipy.special import entr


def classes(labels: np.ndarray) -> float:
    """The entropy of labels (N,), in nats: every class as often as it is."""
    return _entropy(np.asarray(labels))


def numbers(truths: np.ndarray) -> float:
    """The squared error of always saying the mean of numbers (N, outputs)."""
    return float(np.mean(np.var(truths.astype(np.float64), axis=0)))


def medians(truths: np.ndarray) -> float:
    """The absolute error of always saying the medians of numbers (..., outputs)."""
    rows = truths.reshape(-1, truths.shape[-1]).astype(np.float64)
    return float(np.mean(np.abs(rows - np.median(rows, axis=0))))


def labelled_steps(truths: np.ndarray | Sequence[np.ndarray]) -> float:
    """The entropy of a step's label: of its place in series of one length (N, steps), else of any place."""
    if isinstance(truths, np.ndarray):
        return float(np.mean([_entropy(step) for step in truths.T]))
    return _entropy(np.concatenate(list(truths)))


def binary_steps(truths: np.ndarray | Sequence[np.ndarray]) -> float:
    """Minus the log-likelihood of a step of 0s and 1s (steps, channels), each channel as often 1 as it is."""
    ones = np.concatenate(list(truths)).astype(np.float64).mean(0)
    return float(np.sum(entr(ones) + entr(1 - ones)))


def _entropy(labels: np.ndarray) -> float:
    _, counts = np.unique(labels, return_counts=True)
    return float(np.sum(entr(counts / counts.sum())))
