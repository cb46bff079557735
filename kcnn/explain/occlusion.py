"""Occlusion: what becomes of the answer while a square covers a part of the image.

Source: Zeiler and Fergus 2014, section 4.2.
"""

import keras
import numpy as np

from kcnn.arithmetic.sizes import same_padding
from kcnn.errors import InputError
from kcnn.explain import network
from kcnn.explain.network import Labels


def occlusion(
    model: keras.Model,
    images: np.ndarray,
    labels: Labels,
    size: int,
    stride: int,
    fill: float = 0.0,
    batch: int = 64,
) -> np.ndarray:
    """The probability of each image's class under a square of `size` x `size` pixels, (N, rows, columns).

    The squares stand `stride` pixels apart, ceil(height / stride) of them down and ceil(width / stride) across, and
    those at the border reach beyond it alike on both sides. They are filled with `fill`: 0 is the mean of the
    training pixels. `batch` covered images are in memory at once.
    Raises InputError for a count below 1, or for images or labels that do not fit the network.
    """
    for what, count in {"size": size, "stride": stride, "batch": batch}.items():
        if count < 1:
            raise InputError(f"{what} must be at least 1, got {count}")
    chosen = network.classes_of(model, images, labels)
    network.batch(model, images[:1])
    rows, columns = (_spans(length, size, stride) for length in images.shape[1:3])
    answering = keras.Model(model.input, network.logits(model))
    shape = (len(images), len(rows), len(columns))
    probabilities = np.zeros(np.prod(shape), np.float32)
    for start in range(0, len(probabilities), batch):
        places = np.arange(start, min(start + batch, len(probabilities)))
        image, row, column = np.unravel_index(places, shape)
        covered = images[image]
        for copy, down, across in zip(covered, row, column, strict=True):
            copy[rows[down], columns[across]] = fill
        answers = keras.ops.softmax(answering(network.batch(model, covered), training=False))
        probabilities[places] = network.at_labels(answers, chosen[image])
    return probabilities.reshape(shape)


def _spans(length: int, size: int, stride: int) -> list[slice]:
    """The pixels along one axis that each square covers."""
    before, _ = same_padding(length, size, stride)
    firsts = (place * stride - before for place in range(-(-length // stride)))
    return [slice(max(0, first), first + size) for first in firsts]
