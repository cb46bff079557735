"""How alike images look to a trained network: what reaches its normalisations beside what they expect."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops


def normalisations(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    """The batch normalisations over maps, which keep the mean and variance of what the network was trained on."""
    return [
        layer
        for layer in model.layers
        if isinstance(layer, keras.layers.BatchNormalization) and len(layer.input.shape) == 4
    ]


def statistics(model: keras.Model) -> keras.Model:
    """The model that answers the mean and mean square (N, 2, C) of the input of `normalisations`, by their names."""
    answers = {layer.name: _Moments(name=f"moments_{layer.name}")(layer.input) for layer in normalisations(model)}
    return keras.Model(model.input, answers)


def distances(model: keras.Model, moments: Iterable[Mapping[str, np.ndarray]]) -> np.ndarray:
    """How far images are from those that the network was trained on, by normalisation, from the stem up.

    `moments` are the answers of `statistics`, batch by batch. For each channel the images' mean and variance are held
    against the moving ones as two normal distributions: half the sum of the Kullback-Leibler divergences of each from
    the other (Jeffreys 1946), in nats; of the channels the median. It is 0 where they are the same.
    """
    expected = normalisations(model)
    sums: dict[str, Any] = dict.fromkeys((layer.name for layer in expected), 0.0)
    count = 0
    for batch in moments:
        sums = {name: total + batch[name].sum(0) for name, total in sums.items()}
        count += len(next(iter(batch.values())))
    return np.array([_divergence(layer, sums[layer.name] / count) for layer in expected])


def distance(by_layer: np.ndarray) -> float:
    """One number of `distances`: the mean over the last tenth of the normalisations, the nearest to the classifier."""
    return float(by_layer[-max(1, len(by_layer) // 10) :].mean())


def _divergence(layer: keras.layers.BatchNormalization, seen: np.ndarray) -> float:
    mean, variance = seen[0], np.maximum(seen[1] - seen[0] ** 2, 0) + layer.epsilon
    expected = ops.convert_to_numpy(layer.moving_mean)
    spread = ops.convert_to_numpy(layer.moving_variance) + layer.epsilon
    ratio = variance / spread
    between = (mean - expected) ** 2
    return float(np.median(0.25 * (ratio + 1 / ratio - 2 + between / spread + between / variance)))


class _Moments(keras.layers.Layer):
    """The mean of maps (N, h, w, C) over their places, and of their squares: (N, 2, C), float32."""

    def call(self, inputs: Any) -> Any:
        inputs = ops.cast(inputs, "float32")
        return ops.stack([ops.mean(inputs, (1, 2)), ops.mean(ops.square(inputs), (1, 2))], axis=1)
