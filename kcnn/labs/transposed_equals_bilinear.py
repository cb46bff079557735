"""Bilinear enlargement is a transposed convolution, whose kernel can be learned on: Long, Shelhamer, Darrell 2015.

The kernel of 2f - f % 2 taps is a triangle along each axis (section 3.3 of the paper); the stride is the factor f.
"""

from collections.abc import Sequence

import keras
import numpy as np

from kcnn.arithmetic.pooling import average_pool
from kcnn.labs.lab import Outcome, distance
from kcnn.labs.photographs import grey_photograph
from kcnn.layers import Bilinear, TransposedConv2D
from kcnn.plots.panels import Matrix, Panel, Picture, panels

SIDE, FACTORS, SHOWN = 32, (2, 3, 4, 8), 4


def measure(initializer: keras.initializers.Initializer | None = None, factors: Sequence[int] = FACTORS) -> Outcome:
    """Enlarge a piece of a photograph both ways, and see how far they are apart within the borders and at them."""
    image = average_pool(grey_photograph("china")[None, 40:296, 250:506, None], 256 // SIDE)
    kernel = initializer or Bilinear()
    by_layer = {factor: enlarged(image, factor, kernel) for factor in factors}
    resized = {factor: bilinear(image, factor) for factor in factors}
    inside = {factor: distance(_inner(by_layer[factor], factor), _inner(resized[factor], factor)) for factor in factors}
    numbers = {f"distance_inside_factor_{factor}": far for factor, far in inside.items()}
    numbers["distance_at_borders"] = max(distance(by_layer[factor], resized[factor]) for factor in factors)
    # Zeros lie beyond the border for the convolution; an image has none there.
    holds = max(inside.values()) < 1e-5 and numbers["distance_at_borders"] > 0.1
    apart = np.abs(by_layer[SHOWN] - resized[SHOWN])[0, :, :, 0]
    taps = 2 * SHOWN
    rows: list[list[Panel]] = [
        [
            Picture(image[0, :, :, 0], f"{SIDE} x {SIDE} pixels"),
            Picture(resized[SHOWN][0, :, :, 0], f"bilinear, {SHOWN} times as large"),
            Picture(by_layer[SHOWN][0, :, :, 0], f"transposed convolution, stride {SHOWN}"),
        ],
        [
            Matrix(np.asarray(kernel((taps, taps, 1, 1)))[:, :, 0, 0], f"its kernel of {taps} x {taps} taps", ".2f"),
            Picture(
                apart,
                "how far they are apart",
                "heat",
                caption=f"inside by {inside[SHOWN]:.0e}; beyond the border the convolution has zeros",
            ),
        ],
    ]
    return Outcome(holds, numbers, panels(rows, width=3.8, height=3.6))


def enlarged(image: np.ndarray, factor: int, kernel: keras.initializers.Initializer) -> np.ndarray:
    """Images (N, H, W, 1), as many times as large, by a transposed convolution that begins with `kernel`."""
    layer = TransposedConv2D(1, 2 * factor - factor % 2, factor, "same", use_bias=False, kernel_initializer=kernel)
    return keras.ops.convert_to_numpy(layer(image.astype("float32"))).astype(float)


def bilinear(image: np.ndarray, factor: int) -> np.ndarray:
    """Images (N, H, W, 1), as many times as large, by interpolation."""
    sides = [factor * side for side in image.shape[1:3]]
    return keras.ops.convert_to_numpy(keras.ops.image.resize(image.astype("float32"), sides)).astype(float)


def _inner(image: np.ndarray, factor: int) -> np.ndarray:
    """What no zero beyond the border reaches."""
    return image[:, factor:-factor, factor:-factor]
