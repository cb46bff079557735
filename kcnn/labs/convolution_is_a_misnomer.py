"""A convolutional layer computes a correlation: it does not flip the kernel, as a convolution would.

Correlation is y[i] = sum x[i + t] k[t], convolution y[i] = sum x[i - t] k[t]. For a kernel that is learned the
difference does not matter: asked for the answers of a convolution, a layer learns the flipped kernel.
"""

from collections.abc import Callable

import keras
import numpy as np

from kcnn.arithmetic.correlation import convolve, correlate
from kcnn.arithmetic.im2col import im2col
from kcnn.labs.lab import Outcome, distance
from kcnn.labs.photographs import grey_photograph
from kcnn.plots.panels import Matrix, Picture, panels

SMALL_IMAGE = np.arange(9.0).reshape(3, 3)
SMALL_KERNEL = np.arange(4.0).reshape(2, 2)
EMBOSS = np.array([[-2.0, -1.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 1.0, 2.0]])
"""Lights a picture from one corner; flipped, from the opposite one."""


def keras_layer(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """What Keras's convolutional layer makes of an image (H, W)."""
    layer = keras.layers.Conv2D(1, kernel.shape, use_bias=False)
    layer.build((1, *image.shape, 1))
    layer.set_weights([kernel[..., None, None]])
    answer = layer(image[None, :, :, None].astype("float32"))
    return keras.ops.convert_to_numpy(answer)[0, :, :, 0].astype(float)


def measure(layer: Callable[[np.ndarray, np.ndarray], np.ndarray] = keras_layer) -> Outcome:
    """Hold a layer's answers against both operations, on the lecture's 3x3 example and on a photograph."""
    image = grey_photograph("china")[40:200, 200:360]
    flipped = np.flip(EMBOSS)
    answer, convolution = layer(image, EMBOSS), convolve(image, EMBOSS, "valid")
    learned, *_ = np.linalg.lstsq(im2col(image[None, ..., None], EMBOSS.shape)[0], convolution.ravel(), rcond=None)
    numbers = {
        "layer_to_correlation": distance(answer, correlate(image, EMBOSS)),
        "layer_to_convolution": distance(answer, convolution),
        "layer_with_flipped_kernel_to_convolution": distance(layer(image, flipped), convolution),
        "small_example_to_correlation": distance(
            layer(SMALL_IMAGE, SMALL_KERNEL), np.array([[19.0, 25.0], [37.0, 43.0]])
        ),
        "learned_kernel_to_flipped_kernel": distance(learned.reshape(3, 3), flipped),
    }
    holds = numbers["layer_to_convolution"] > 0.1 and all(
        value < 1e-4 for name, value in numbers.items() if name != "layer_to_convolution"
    )
    small = [
        Matrix(SMALL_IMAGE, "image"),
        Matrix(SMALL_KERNEL, "kernel"),
        Matrix(correlate(SMALL_IMAGE, SMALL_KERNEL), "correlation: what a layer computes"),
        Matrix(convolve(SMALL_IMAGE, SMALL_KERNEL, "valid"), "convolution"),
    ]
    large = [
        Picture(image, "photograph"),
        Matrix(EMBOSS, "kernel"),
        Picture(relief(answer), "the layer's answer: lit from one corner"),
        Picture(relief(convolution), "convolution: lit from the other"),
    ]
    return Outcome(holds, numbers, panels([small, large]))


def relief(answer: np.ndarray) -> np.ndarray:
    """The answers as a picture: 0 is a middle grey."""
    return np.clip(0.5 + answer / 6, 0, 1)
