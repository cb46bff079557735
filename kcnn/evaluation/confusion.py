"""Which class is taken for which."""

import numpy as np


def confusion(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Counts (classes, classes): row the true class, column the predicted one."""
    pairs = labels.astype(np.int64) * classes + predictions.astype(np.int64)  # in uint8 they would wrap around
    flat = np.bincount(pairs, minlength=classes * classes)
    return flat.reshape(classes, classes)
