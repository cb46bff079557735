"""Batches from a source: every pixel depends on (seed, epoch, batch index) alone, not on the number of workers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from kcnn.data.faults import naming_faults, remembering
from kcnn.errors import InputError
from kcnn.seeds import generator

Augment = Callable[..., Any]
"""Images (n, height, width, channels) or clips (n, frames, height, width, channels), uint8, and a seed; new ones of the
same shape.

With class indices (n, height, width), uint8, and weights (n, height, width), float32, as third and fourth argument,
these are moved in step, and the answer is (images, classes, weights).
"""

Draw = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""What the network is given of the examples of some indices, where chance has a part in it."""

_SHUFFLE, _AUGMENT, _DRAW = 0, 1, 3

ALIKE = 16
"""Of examples of different lengths so many batches are drawn together, and cut by length."""


_WEIGHTS = tf.TensorSpec((None,), tf.float32)


class Batched(Protocol):
    """The examples of a split as the pipeline needs them: images, clips, series, texts or recordings by index.

    `signature` is the structure of a batch without its weights, a `tf.TensorSpec` a leaf. `lengths` are the steps of
    each example, where they differ: a batch is then as long as its longest, and it is better for all to be alike.
    """

    @property
    def signature(self) -> tuple[Any, Any]:
        """Of inputs and truth."""

    @property
    def lengths(self) -> np.ndarray | None:
        """The steps of each example; None where all have as many."""

    def __len__(self) -> int: ...

    def inputs(self, indices: np.ndarray) -> np.ndarray:
        """What the network is given of some of them, before it is standardised."""

    def truth(self, indices: np.ndarray) -> Any:
        """What it ought to answer."""


@dataclass(frozen=True)
class Batches:
    """What a training or an evaluation reads. An element is (inputs, truth, weights float32).

    Inputs are images or clips, uint8, series or waveforms, float32, texts or codes of sounds, int32. The truth is
    labels (n,), int64; where every pixel has a class it is {"classes": (n, height, width) uint8, "weights": (n, height,
    width) float32}, and a pixel of weight 0 is not counted, whatever its class; where every step has an answer of its
    own it is {"values": (n, steps, ...), "weights": (n, steps) float32}.
    With `replicas` > 1 a batch comes as that many consecutive elements, its parts in order; a weight is 1 for an
    example and 0 for padding.
    """

    dataset: tf.data.Dataset
    count: int

    def __iter__(self) -> Iterator[tuple[tf.Tensor, Any, tf.Tensor]]:
        return naming_faults(self.dataset)


def steps_per_epoch(examples: int, batch_size: int) -> int:
    """How many batches an epoch of training has."""
    return -(-examples // batch_size)


def training_batches(
    examples: Batched,
    batch_size: int,
    seed: int,
    epoch: int,
    augment: Augment | None = None,
    start: int = 0,
    replicas: int = 1,
    workers: int | None = None,
    draw: Draw | None = None,
) -> Batches:
    """One epoch in random order from batch `start` on; every example once.

    With `draw` it says what is given of an example, such as which stretch of a clip, with a generator for each batch;
    without, the examples do.

    The batches are as equal as they can be (100 examples at batch size 64: 50 and 50), so that no small last
    batch disturbs batch statistics and no replica is left without an example.
    Raises `InputError` where there are fewer examples than replicas.
    """
    batches = shuffled(len(examples), batch_size, seed, epoch, replicas, examples.lengths)

    def make(index: int) -> tuple[Any, ...]:
        chosen = batches[index]
        inputs = draw(chosen, generator(seed, _DRAW, epoch, index)) if draw else examples.inputs(chosen)
        if augment is not None:
            inputs = augment(inputs, augmentation_seed(seed, epoch, index))
        return inputs, examples.truth(chosen), np.ones(len(chosen), np.float32)

    return pipeline(make, range(start, len(batches)), replicas, (*examples.signature, _WEIGHTS), workers)


def evaluation_batches(examples: Batched, batch_size: int, replicas: int = 1, workers: int | None = None) -> Batches:
    """Every example exactly once, in order; the last batch is filled up with examples of weight 0."""
    batches = in_order(len(examples), batch_size, replicas)

    def make(index: int) -> tuple[Any, ...]:
        chosen, weights = batches[index]
        return examples.inputs(chosen), examples.truth(chosen), weights

    return pipeline(make, range(len(batches)), replicas, (*examples.signature, _WEIGHTS), workers)


def shuffled(
    examples: int, batch_size: int, seed: int, epoch: int, replicas: int, lengths: np.ndarray | None = None
) -> list[np.ndarray]:
    """The numbers of so many examples in random order, cut into batches as equal as they can be.

    With `lengths`, those of a batch are of about one length: what is drawn for `ALIKE` batches is sorted before it is
    cut, and the batches come in random order.
    Raises `InputError` where a batch would have fewer examples than there are replicas.
    """
    count = steps_per_epoch(examples, batch_size)
    if examples // count < replicas:
        raise InputError(f"batch_size={batch_size} leaves a device without an example: use at least {replicas * 2}")
    draw = generator(seed, _SHUFFLE, epoch)
    order = draw.permutation(examples)
    if lengths is None:
        return np.array_split(order, count)
    groups = np.array_split(order, -(-count // ALIKE))
    alike = np.concatenate([group[np.argsort(lengths[group], kind="stable")] for group in groups])
    batches = np.array_split(alike, count)
    return [batches[index] for index in draw.permutation(count)]


def augmentation_seed(seed: int, epoch: int, index: int) -> int:
    """What the augmentation of one batch is seeded with."""
    return int(generator(seed, _AUGMENT, epoch, index).integers(2**31))


def in_order(examples: int, batch_size: int, replicas: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The numbers of so many examples in batches of one size, and their weights: 0 for what fills up the last one."""
    size = -(-min(batch_size, examples) // replicas) * replicas
    wanted = np.arange(steps_per_epoch(examples, size) * size).reshape(-1, size)
    return list(zip(np.minimum(wanted, examples - 1), (wanted < examples).astype(np.float32), strict=True))


def pipeline(
    make: Callable[[int], tuple[Any, ...]],
    indices: range,
    replicas: int,
    signature: tuple[Any, ...],
    workers: int | None,
) -> Batches:
    """A `tf.data` pipeline of what `make` answers to each index: a batch is made wholly by one worker, in order.

    `signature` is the nested structure of a batch, the weights of its examples last, with a `tf.TensorSpec` a leaf.
    """
    specs, make = tf.nest.flatten(signature), remembering(make)

    def traced(index: tf.Tensor) -> tuple[Any, ...]:
        leaves = tf.numpy_function(
            lambda number: tf.nest.flatten(make(int(number))), [index], [spec.dtype for spec in specs]
        )
        known = [tf.ensure_shape(leaf, spec.shape) for leaf, spec in zip(leaves, specs, strict=True)]
        return tf.nest.pack_sequence_as(signature, known)

    batches = tf.data.Dataset.range(indices.start, indices.stop).map(
        traced, num_parallel_calls=workers or tf.data.AUTOTUNE, deterministic=True
    )
    if replicas > 1:
        batches = batches.flat_map(lambda *batch: _parts(batch, replicas))
    # A dataset of its own per element is handed out whole: each replica takes the next one.
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return Batches(batches.prefetch(2 * replicas).with_options(options), len(indices))


def _parts(batch: tuple[Any, ...], replicas: int) -> tf.data.Dataset:
    """One batch cut into `replicas` parts as equal as they can be, in order."""
    size = tf.shape(batch[-1], out_type=tf.int64)[0]

    def part(number: tf.Tensor) -> Any:
        first, last = number * size // replicas, (number + 1) * size // replicas
        return tf.nest.map_structure(lambda tensor: tensor[first:last], batch)

    return tf.data.Dataset.range(replicas).map(part)
