"""Invariance: how much an answer changes while the image is shifted, turned or scaled.

Source: Goodfellow, Le, Saxe, Lee, Ng 2009, which measures it unit by unit; here a layer's answer is one vector, as in
Zeiler and Fergus 2014, figure 5.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from kcnn.explain.network import Labels, array, batch, classes_of, logits, tensor

Transform = Callable[[np.ndarray, Any], np.ndarray]
"""Images (N, H, W, C) and an amount; images of the same shape. Those of kcnn.explain.transforms are such."""

_TOGETHER = 64


def similarity(
    model: keras.Model, images: np.ndarray, tap: str, transform: Transform, amounts: Sequence[Any]
) -> np.ndarray:
    """For each amount the mean cosine of a layer's answer to an image and to the transformed one: (amounts,).

    The answer is seen as one vector. A vector of zeros has the cosine 1 with another such, and 0 with the rest.
    Raises InputError for a name that does not exist, or images that do not fit the network.
    """
    looking = keras.Model(model.input, tensor(model, tap))
    sums = np.zeros(len(amounts))
    for part in _parts(len(images)):
        before = _vectors(looking, images[part])
        for index, amount in enumerate(amounts):
            sums[index] += _cosines(before, _vectors(looking, transform(images[part], amount))).sum()
    return sums / len(images)


def accuracy(
    model: keras.Model, images: np.ndarray, labels: Labels, transform: Transform, amounts: Sequence[Any]
) -> np.ndarray:
    """For each amount the share of transformed images whose largest logit is at the label: (amounts,), in 0..1.

    Raises InputError for images or labels that do not fit the network.
    """
    chosen = classes_of(model, images, labels)
    answering = keras.Model(model.input, logits(model))
    right = np.zeros(len(amounts))
    for part in _parts(len(images)):
        for index, amount in enumerate(amounts):
            named = _vectors(answering, transform(images[part], amount)).argmax(axis=1)
            right[index] += np.count_nonzero(named == chosen[part])
    return right / len(images)


def _parts(count: int) -> Iterator[slice]:
    return (slice(start, start + _TOGETHER) for start in range(0, count, _TOGETHER))


def _vectors(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """(N, numbers)."""
    return array(model(batch(model, images), training=False)).reshape(len(images), -1)


def _cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    lengths, others = np.linalg.norm(one, axis=1), np.linalg.norm(other, axis=1)
    products = lengths * others
    silent = (lengths == 0) & (others == 0)
    return np.divide((one * other).sum(axis=1), products, out=silent.astype(float), where=products > 0)
