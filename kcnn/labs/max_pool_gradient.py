"""The gradient of a max pooling goes whole to the place that won; that of a mean is shared out."""

from collections.abc import Callable

import numpy as np

from kcnn.arithmetic.pooling import average_pool_gradient, max_pool, max_pool_gradient
from kcnn.labs.lab import Outcome, distance
from kcnn.plots.panels import Matrix, panels
from kcnn.seeds import generator

STEP = 1e-6


def measure(gradient: Callable[..., np.ndarray] = max_pool_gradient) -> Outcome:
    """Hold the gradient of windows of 2x2 against differences, and see who gets any; then with two winners."""
    image = generator(0).permutation(36).reshape(1, 6, 6, 1).astype(float)
    upstream = np.arange(1.0, 10).reshape(1, 3, 3, 1)
    back = gradient(image, upstream, 2)
    tied = np.zeros((1, 2, 2, 1))
    tie = gradient(tied, np.ones((1, 1, 1, 1)), 2)[0, :, :, 0]
    numbers = {
        "largest_error_to_differences": distance(back, differences(image, upstream)),
        "share_of_places_with_a_gradient": float(np.mean(back != 0)),
        "gradient_kept": float(back.sum() / upstream.sum()),
        "tie_to_first_place": float(tie[0, 0]),
    }
    holds = (
        numbers["largest_error_to_differences"] < 1e-6
        and numbers["share_of_places_with_a_gradient"] == 0.25
        and numbers["gradient_kept"] == 1
        and numbers["tie_to_first_place"] == 1
    )
    row = [
        Matrix(image[0, :, :, 0], "input"),
        Matrix(max_pool(image, 2)[0, :, :, 0], "maximum of 2x2"),
        Matrix(upstream[0, :, :, 0], "gradient from above"),
        Matrix(back[0, :, :, 0], "gradient of the maximum"),
        Matrix(average_pool_gradient(image, upstream, 2)[0, :, :, 0], "gradient of the mean"),
    ]
    return Outcome(holds, numbers, panels([row]))


def differences(image: np.ndarray, upstream: np.ndarray) -> np.ndarray:
    """The derivative of sum(upstream * max_pool(image)) by central differences."""
    slopes = np.zeros_like(image)
    for place in np.ndindex(image.shape):
        sums = []
        for step in (STEP, -STEP):
            moved = image.copy()
            moved[place] += step
            sums.append((upstream * max_pool(moved, 2)).sum())
        slopes[place] = (sums[0] - sums[1]) / (2 * STEP)
    return slopes
