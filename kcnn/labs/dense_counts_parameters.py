"""A dense layer between two maps has C1 C2 H^2 W^2 weights, a convolution C1 C2 h w, whatever the size of the maps.

From a grey image of 320x320 to a map of the same size these are 10 billion, and 9.
"""

from collections.abc import Callable

import keras
import numpy as np

from kcnn.arithmetic.complexity import convolution_multiply_adds, convolution_parameters, dense_parameters
from kcnn.labs.lab import Outcome
from kcnn.models.weightless import without_weights
from kcnn.plots.panels import Curves, panels

SIDE, KERNEL = 320, 3
BUILT = (4, 8, 16, 32)
"""Sides at which real layers are built and counted."""


def dense(side: int) -> int:
    """The weights of a real dense layer from a map to a map."""

    def build() -> keras.Model:
        image = keras.Input((side, side, 1))
        return keras.Model(image, keras.layers.Dense(side**2, use_bias=False)(keras.layers.Flatten()(image)))

    return without_weights(build).count_params()


def convolution(side: int) -> int:
    """The weights of a real convolutional layer from a map to a map."""

    def build() -> keras.Model:
        image = keras.Input((side, side, 1))
        return keras.Model(image, keras.layers.Conv2D(1, KERNEL, padding="same", use_bias=False)(image))

    return without_weights(build).count_params()


def measure(dense: Callable[[int], int] = dense, convolution: Callable[[int], int] = convolution) -> Outcome:
    """Count the weights of real layers at small sides, and those of the formulas at 320."""
    counted = {side: (dense(side), convolution(side)) for side in (*BUILT, SIDE)}
    sides = np.array([*BUILT, 64, 128, SIDE])
    by_formula = {
        "dense": [dense_parameters(side**2, side**2, bias=False) for side in sides.tolist()],
        "convolution 3x3": [convolution_parameters((KERNEL, KERNEL), 1, 1, bias=False)] * len(sides),
    }
    exponent = np.polyfit(np.log(BUILT), np.log([counted[side][0] for side in BUILT]), 1)[0]
    numbers = {
        "dense_weights_at_320": counted[SIDE][0],
        "convolution_weights_at_320": counted[SIDE][1],
        "dense_gigabytes_in_float32": 4 * counted[SIDE][0] / 1e9,
        "dense_weights_grow_as_side_to_the": float(exponent),
        "convolution_multiply_adds_at_320": convolution_multiply_adds((SIDE, SIDE), (KERNEL, KERNEL), 1, 1),
    }
    holds = all(counted[side] == (side**4, KERNEL**2) for side in counted) and counted[SIDE][0] > 1e10
    curves = Curves(
        sides.tolist(),
        by_formula,
        f"at {SIDE}x{SIDE}: {counted[SIDE][0]:,} weights against {counted[SIDE][1]}",
        "side of both maps in pixels",
        "weights from a map to a map",
        log="xy",
    )
    return Outcome(holds, numbers, panels([[curves]], width=6.0, height=3.8))
