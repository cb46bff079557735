"""Activation maximisation: the image that a unit answers most, climbed to from noise.

Source: Yosinski, Clune, Nguyen, Fuchs, Lipson 2015, section 3 (decay and blur).
"""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from scipy.ndimage import gaussian_filter

from kcnn.errors import InputError
from kcnn.explain.network import array, batch, tensor
from kcnn.seeds import generator

_BLUR_EVERY = 4


def maximise(
    model: keras.Model,
    tap: str,
    unit: int,
    shape: Sequence[int] | None = None,
    steps: int = 200,
    rate: float = 0.1,
    penalty: float = 0.01,
    blur: float = 0.5,
    seed: int = 0,
) -> np.ndarray:
    """The image (height, width, channels) that excites a map (its mean) or a logit most.

    `shape` is that of the image, needed where the network takes any size. Each step goes `rate` (in deviations of
    the training pixels) along the gradient divided by its root mean square, and then takes the share `penalty` off
    the image; every fourth step blurs it with a Gaussian of `blur` pixels.
    Raises InputError for a tap, unit or shape that the network does not have, a number out of range, or a unit that
    is silent whatever the noise.
    """
    if steps < 1 or rate <= 0 or blur < 0 or not 0 <= penalty < 1:
        raise InputError(
            "steps must be at least 1, rate above 0, blur at least 0 and penalty from 0 to below 1, "
            f"got {steps}, {rate}, {blur} and {penalty}"
        )
    answer = tensor(model, tap)
    if not 0 <= unit < answer.shape[-1]:
        raise InputError(f"unit must be at least 0 and below {answer.shape[-1]}, got {unit}")
    looking = keras.Model(model.input, answer)
    random = generator(seed)
    size = tuple(model.input.shape[1:] if shape is None else shape)
    if None in size:
        raise InputError(f"shape must be given for a network that takes any size, {size}")
    image, heard = np.zeros(size), False
    for step in range(steps):
        if not heard:
            image = 0.1 * random.standard_normal(size)
        gradient = _gradient(looking, image, unit)
        length = np.sqrt(np.mean(gradient**2))
        heard = heard or length > 0
        image += rate * gradient / (length or 1.0)
        image *= 1 - penalty
        if blur and step % _BLUR_EVERY == _BLUR_EVERY - 1:
            image = gaussian_filter(image, (blur, blur, 0))
    if not heard:
        raise InputError(f"unit must answer some image, got {unit} of {tap!r}, silent for {steps} images of noise")
    return image.astype(np.float32)


def _gradient(looking: keras.Model, image: np.ndarray, unit: int) -> np.ndarray:
    pixels = batch(looking, image[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        activation = tf.reduce_mean(looking(pixels, training=False)[..., unit])
    return array(tape.gradient(activation, pixels))[0].astype(np.float64)
