"""Saliency: which pixels of an image or a clip would move the logit of a class most, if they changed a little.

Sources: Simonyan, Vedaldi, Zisserman 2013, section 3; Smilkov, Thorat, Kim, Viégas, Wattenberg 2017 (SmoothGrad).
"""

import keras
import numpy as np
import tensorflow as tf

from kcnn.errors import InputError
from kcnn.explain.network import Labels, array, at_labels, batch, classes_of, logits
from kcnn.seeds import generator


def saliency(model: keras.Model, images: np.ndarray, labels: Labels) -> np.ndarray:
    """The gradient of each image's logit, its largest absolute value over the channels: (N, H, W).

    Of clips it is (N, T, H, W).
    Raises InputError for images, clips or labels that do not fit the network.
    """
    gradient = pixel_gradient(model, images, classes_of(model, images, labels))
    return np.abs(gradient).max(axis=-1)


def smooth_grad(
    model: keras.Model,
    images: np.ndarray,
    labels: Labels,
    samples: int = 32,
    noise: float = 0.15,
    seed: int = 0,
    batch: int = 8,
) -> np.ndarray:
    """As `saliency`, of the mean gradient of `samples` noisy copies of each image or clip.

    The noise is normal; its deviation is `noise` times the range of its values. `batch` copies are in memory
    at once; the result does not depend on it.
    Raises InputError as `saliency` does, for a count below 1, or negative noise.
    """
    if samples < 1 or batch < 1 or noise < 0:
        raise InputError(
            f"samples and batch must be at least 1 and noise at least 0, got {samples}, {batch} and {noise}"
        )
    chosen = classes_of(model, images, labels)
    random = generator(seed)
    deviation = noise * np.ptp(images, axis=tuple(range(1, images.ndim)), keepdims=True)
    mean = np.zeros(images.shape, np.float64)
    for start in range(0, len(images) * samples, batch):
        copied = np.arange(start, min(start + batch, len(images) * samples)) // samples
        noisy = images[copied] + deviation[copied] * random.standard_normal((len(copied), *images.shape[1:]))
        np.add.at(mean, copied, pixel_gradient(model, noisy, chosen[copied]) / samples)
    return np.abs(mean).max(axis=-1).astype(np.float32)


def pixel_gradient(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The derivative of each image's logit with respect to its pixels, (N, H, W, C), of clips (N, T, H, W, C)."""
    pixels = batch(model, images)
    answering = keras.Model(model.input, logits(model))
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        score = at_labels(answering(pixels, training=False), labels)
    return array(tape.gradient(score, pixels))
