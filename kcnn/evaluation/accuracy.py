"""Accuracy and cross-entropy from logits."""

import numpy as np
from scipy.special import log_softmax


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Share of rows of (N, classes) whose largest logit is at the label, in 0..1."""
    return float(np.mean(logits.argmax(axis=-1) == labels))


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean of -log softmax at the label, in nats."""
    logs = log_softmax(logits.astype(np.float64), axis=-1)
    return float(-np.mean(logs[np.arange(len(labels)), labels]))
