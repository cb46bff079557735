"""A small training for tests: a model with batch normalisation and dropout, random images, a global batch."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from kcnn.recipes.optimize import Constant, Sgd
from kcnn.recipes.train import Train
from kcnn.training.strategies import strategy
from kcnn.training.trainer import Trainer


def split_cpu() -> None:
    """Two logical devices; must be the first thing a process does with TensorFlow."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)


def network(dropout: float = 0.0, normalise: bool = True) -> keras.Model:
    """Branches of several widths, so that the order of gradients between replicas matters."""
    keras.utils.set_random_seed(0)

    def convolve(x, filters):
        x = keras.layers.Conv2D(filters, 3, padding="same")(x)
        x = keras.layers.BatchNormalization()(x) if normalise else x
        return keras.layers.ReLU()(x)

    image = keras.Input((8, 8, 3))
    x = convolve(image, 6)
    x = keras.layers.Concatenate()([convolve(x, 4), convolve(convolve(x, 3), 5), x])
    x = keras.layers.Dropout(dropout)(x) if dropout else x
    return keras.Model(image, keras.layers.Dense(10)(keras.layers.GlobalAveragePooling2D()(x)))


def images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Random images (count, 8, 8, 3), uint8, with labels that can be learned from their brightness."""
    generator = np.random.default_rng(1)
    labels = generator.integers(0, 10, count)
    noise = generator.integers(0, 60, (count, 8, 8, 3))
    return (noise + 19 * labels[:, None, None, None]).astype(np.uint8), labels


def standardize(batch: tf.Tensor) -> tf.Tensor:
    """Pixels in about -1..1."""
    return tf.cast(batch, tf.float32) / 128.0 - 1.0


def trainer(
    model: keras.Model, folder: Path, devices=None, optimizer=None, pace=None, objective=None, **plan
) -> Trainer:
    """A trainer of one step an epoch."""
    return Trainer(
        model,
        Train(**{"epochs": 100} | plan),
        optimizer or Sgd(lr=0.1, weight_decay=1e-3),
        Constant(),
        standardize,
        strategy(devices),
        1,
        folder,
        pace=pace,
        objective=objective,
    )


def batch(made: Trainer, pictures: np.ndarray, labels: np.ndarray):
    """One global batch, cut into as many parts as there are replicas."""
    replicas = made.strategy.num_replicas_in_sync
    weights = np.ones(len(labels), np.float32)
    columns = (pictures, labels.astype(np.int64), weights)
    if replicas == 1:
        return tuple(map(tf.constant, columns))

    def part(column):
        pieces = np.array_split(column, replicas)

        def value(context):
            return tf.constant(pieces[context.replica_id_in_sync_group])

        return made.strategy.experimental_distribute_values_from_function(value)

    return tuple(map(part, columns))


def losses(made: Trainer, steps: int, count: int) -> list[float]:
    """The mean loss of each of some updates on the same images."""
    one = batch(made, *images(count))
    return [float(made.step.train(one).numpy()[0]) / count for _ in range(steps)]
