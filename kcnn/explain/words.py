"""Grad-CAM for texts: which words speak for a class.

Source: Selvaraju et al. 2017, section 3, with the windows of Kim 2014 in the place of an image's places.
"""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from kcnn.errors import InputError
from kcnn.layers import TemporalPooling


@dataclass(frozen=True)
class Evidence:
    """What each word (T,) of a text speaks for, about the class `label`, and the `rest`, which no word does: biases.

    All of it together is the class's logit less the mean of the others'.
    """

    label: int
    words: np.ndarray
    rest: float
    logits: np.ndarray


def word_evidence(model: keras.Model, numbers: np.ndarray, label: int | None = None) -> Evidence:
    """What the words of a text, `numbers` (T,) without padding, say for the class `label`, or for the likeliest.

    A filter's answer at a window, times the gradient of the score there, is what the window says; it is shared equally
    by its words. As behind the maximum over the text Kim's network is linear, nothing is lost: words and rest add up to
    the score, and the rest is the same for every text.
    Raises InputError for a network without windows over words, a text without words, a class that there is not.
    """
    pools = [layer for layer in model.layers if isinstance(layer, TemporalPooling) and isinstance(layer.input, list)]
    if not pools:
        raise InputError(f"{model.name} has no windows over words that could be looked at")
    classes = model.output.shape[-1]
    if label is not None and not 0 <= label < classes:
        raise InputError(f"label must be at least 0 and below {classes}, got {label}")
    if not len(numbers):
        raise InputError("the text has no words")
    looking = keras.Model(model.input, [*(pool.input[0] for pool in pools), model.output])
    with tf.GradientTape() as tape:
        *maps, logits = looking(tf.constant(numbers[np.newaxis], tf.int32), training=False)
        chosen = int(tf.argmax(logits[0])) if label is None else label
        score = logits[0, chosen] - (tf.reduce_sum(logits[0]) - logits[0, chosen]) / (classes - 1)
    gradients = tape.gradient(score, maps)
    found = np.zeros(len(numbers))
    for pool, answers, gradient in zip(pools, maps, gradients, strict=True):
        said = tf.reduce_sum(tf.cast(answers * gradient, tf.float32), -1)[0].numpy()
        for place in np.flatnonzero(said).tolist():
            covered = slice(max(0, place - pool.window + 1), min(place + 1, len(numbers)))
            found[covered] += said[place] / (covered.stop - covered.start)
    return Evidence(chosen, found, float(score) - float(found.sum()), logits[0].numpy())
