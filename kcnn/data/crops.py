"""Training on random crops of images and their masks."""

import numpy as np
import tensorflow as tf

from kcnn.data.borders import IGNORED
from kcnn.data.masked import MaskedExamples
from kcnn.data.pipeline import Augment, Batches, augmentation_seed, pipeline, shuffled
from kcnn.data.tiles import mirrored
from kcnn.seeds import generator

_TRUTH = {"classes": tf.uint8, "weights": tf.float32}

_CROP = 2
"""Distinguishes the draw of places from the other draws of a batch in `kcnn.data.pipeline`."""


def training_crops(
    examples: MaskedExamples,
    size: int,
    crops: int,
    batch_size: int,
    seed: int,
    epoch: int,
    augment: Augment | None = None,
    start: int = 0,
    replicas: int = 1,
    workers: int | None = None,
) -> Batches:
    """One epoch of `crops` random squares of side `size` of every image, in random order from batch `start` on.

    An image that is smaller is mirrored at its borders. The batches are as equal as they can be, as in
    `training_batches`; a pixel that is not counted has class 0 and weight 0.
    Raises `InputError` where there are fewer crops than replicas.
    """
    batches = shuffled(len(examples) * crops, batch_size, seed, epoch, replicas)

    def make(index: int) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
        places = generator(seed, _CROP, epoch, index)
        parts = [_crop(examples, number % len(examples), size, places) for number in batches[index]]
        images, classes, weights = (np.stack(column) for column in zip(*parts, strict=True))
        if augment is not None:
            images, classes, weights = augment(images, augmentation_seed(seed, epoch, index), classes, weights)
        return images, {"classes": classes, "weights": weights}, np.ones(len(images), np.float32)

    truth = {name: tf.TensorSpec((None, size, size), kind) for name, kind in _TRUTH.items()}
    pixels = tf.TensorSpec((None, size, size, examples.preprocessing.channels), tf.uint8)
    signature = pixels, truth, tf.TensorSpec((None,), tf.float32)
    return pipeline(make, range(start, len(batches)), replicas, signature, workers)


def _crop(
    examples: MaskedExamples, index: int, size: int, places: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A random square of an image (size, size, channels), its class indices and their weights (size, size)."""
    mask = examples.mask(index)
    # A crop lies within the image, or a smaller image anywhere within the crop.
    corners = [places.integers(min(0, length - size), max(0, length - size) + 1) for length in mask.shape]
    rows, columns = (
        mirrored(corner + np.arange(size), length) for corner, length in zip(corners, mask.shape, strict=True)
    )
    window = np.ix_(rows, columns)
    classes = mask[window]
    return (
        examples.image(index)[window],
        np.where(classes == IGNORED, 0, classes).astype(np.uint8),
        examples.weights(index)[window],
    )
