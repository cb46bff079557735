"""Batches from a source: every pixel depends on (seed, epoch, batch index) alone, not on the number of workers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from kcnn.data.source import Examples
from kcnn.errors import InputError
from kcnn.seeds import generator

Augment = Callable[[np.ndarray, int], np.ndarray]
"""Images (n, height, width, channels), uint8, and a seed; new images of the same shape."""

_SHUFFLE, _AUGMENT = 0, 1


@dataclass(frozen=True)
class Batches:
    """What a training or an evaluation reads. An element is (images uint8, labels int64, weights float32).

    With `replicas` > 1 a batch comes as that many consecutive elements, its parts in order; a weight is 1 for an
    example and 0 for padding.
    """

    dataset: tf.data.Dataset
    count: int

    def __iter__(self) -> Iterator[tuple[tf.Tensor, tf.Tensor, tf.Tensor]]:
        return iter(self.dataset)


def steps_per_epoch(examples: int, batch_size: int) -> int:
    """How many batches an epoch of training has."""
    return -(-examples // batch_size)


def training_batches(
    examples: Examples,
    batch_size: int,
    seed: int,
    epoch: int,
    augment: Augment | None = None,
    start: int = 0,
    replicas: int = 1,
    workers: int | None = None,
) -> Batches:
    """One epoch in random order from batch `start` on; every example once.

    The batches are as equal as they can be (100 examples at batch size 64: 50 and 50), so that no small last
    batch disturbs batch statistics and no replica is left without an example.
    Raises `InputError` where there are fewer examples than replicas.
    """
    count = steps_per_epoch(len(examples), batch_size)
    if len(examples) // count < replicas:
        raise InputError(f"batch_size={batch_size} leaves a device without an example: use at least {replicas * 2}")
    order = generator(seed, _SHUFFLE, epoch).permutation(len(examples))
    batches = np.array_split(order, count)

    def make(index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        chosen = batches[index]
        images = examples.images(chosen)
        if augment is not None:
            draw = generator(seed, _AUGMENT, epoch, index).integers(2**31)
            images = augment(images, int(draw))
        return images, examples.labels[chosen], np.ones(len(chosen), np.float32)

    return _pipeline(make, start, count, replicas, examples.preprocessing.shape, workers)


def evaluation_batches(examples: Examples, batch_size: int, replicas: int = 1, workers: int | None = None) -> Batches:
    """Every example exactly once, in order; the last batch is filled up with examples of weight 0."""
    size = -(-min(batch_size, len(examples)) // replicas) * replicas
    count = steps_per_epoch(len(examples), size)

    def make(index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        wanted = np.arange(index * size, (index + 1) * size)
        chosen = np.minimum(wanted, len(examples) - 1)
        return examples.images(chosen), examples.labels[chosen], (wanted < len(examples)).astype(np.float32)

    return _pipeline(make, 0, count, replicas, examples.preprocessing.shape, workers)


def _pipeline(
    make: Callable[[int], tuple[np.ndarray, np.ndarray, np.ndarray]],
    start: int,
    count: int,
    replicas: int,
    shape: tuple[int, int, int],
    workers: int | None,
) -> Batches:
    """A `tf.data` pipeline in which each batch is made wholly by one worker, in order."""

    def traced(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        images, labels, weights = tf.numpy_function(
            lambda number: make(int(number)), [index], [tf.uint8, tf.int64, tf.float32]
        )
        return (
            tf.ensure_shape(images, (None, *shape)),
            tf.ensure_shape(labels, (None,)),
            tf.ensure_shape(weights, (None,)),
        )

    batches = tf.data.Dataset.range(start, count).map(
        traced, num_parallel_calls=workers or tf.data.AUTOTUNE, deterministic=True
    )
    if replicas > 1:
        batches = batches.flat_map(lambda *batch: _parts(batch, replicas))
    # A dataset of its own per element is handed out whole: each replica takes the next one.
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return Batches(batches.prefetch(2 * replicas).with_options(options), count - start)


def _parts(batch: tuple[tf.Tensor, ...], replicas: int) -> tf.data.Dataset:
    """One batch cut into `replicas` parts as equal as they can be, in order."""
    size = tf.shape(batch[1], out_type=tf.int64)[0]

    def part(number: tf.Tensor) -> tuple[tf.Tensor, ...]:
        first, last = number * size // replicas, (number + 1) * size // replicas
        return tuple(tensor[first:last] for tensor in batch)

    return tf.data.Dataset.range(replicas).map(part)
