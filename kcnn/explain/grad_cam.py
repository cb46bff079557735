"""Grad-CAM: where the maps of a layer speak for a class.

Source: Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra 2017, section 3.
"""

import keras
import numpy as np
import tensorflow as tf

from kcnn.errors import InputError
from kcnn.explain.network import Labels, array, at_labels, batch, classes_of, logits, maps


def grad_cam(model: keras.Model, images: np.ndarray, labels: Labels, tap: str = "features") -> np.ndarray:
    """ReLU of the sum of the maps, each weighted by the mean gradient of the class's logit: (N, h, w) in 0..1.

    Of a clip the mean is over time, too, and the result is (N, t, h, w), if the layer has maps for each time. The
    largest value of each image or clip is 1, unless nothing speaks for the class: then all are 0.
    Raises InputError for a tap without maps or that the logits do not depend on, and for images, clips or labels
    that do not fit the network.
    """
    chosen = classes_of(model, images, labels)
    pixels = batch(model, images)
    looking = keras.Model(model.input, [maps(model, tap), logits(model)])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        features, answers = looking(pixels, training=False)
        score = at_labels(answers, chosen)
    gradient = tape.gradient(score, features)
    if gradient is None:
        raise InputError(f"tap must name a layer that the logits depend on, got {tap!r}")
    places = tuple(range(1, len(features.shape) - 1))
    weights = array(gradient).mean(axis=places, keepdims=True)
    evidence = np.maximum((array(features) * weights).sum(axis=-1), 0)
    largest = evidence.max(axis=places, keepdims=True)
    return np.divide(evidence, largest, out=np.zeros_like(evidence), where=largest > 0)


def enlarged(maps: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """One map (h, w) or several (N, h, w), bilinear at `size` (height, width)."""
    return tf.image.resize(maps[..., np.newaxis], size, method="bilinear").numpy()[..., 0]


def enlarged_in_time(maps: np.ndarray, size: tuple[int, int, int]) -> np.ndarray:
    """Maps of clips (N, t, h, w) at `size` (frames, height, width), linear along each of them.

    Maps (N, h, w) of the whole clip are those of every frame.
    """
    frames, height, width = size
    timed = maps if maps.ndim == 4 else maps[:, np.newaxis]
    count, times = timed.shape[:2]
    pictures = enlarged(timed.reshape(count * times, *timed.shape[2:]), (height, width))
    # Each pixel's course is a column of an image whose height is time.
    return enlarged(pictures.reshape(count, times, -1), (frames, height * width)).reshape(count, *size)
