"""Four normalisations differ in nothing but over what they take mean and variance: Wu and He 2018, figure 2.

A tensor small enough to be read: two images of 3 x 2 pixels and four maps, with a mean and a spread of their own for
every image and map. What a normalisation averages over has mean 0 afterwards, and so has what consists of such parts;
nothing else has.
"""

from collections.abc import Callable, Mapping

import keras
import numpy as np

from kcnn.labs.lab import Outcome, distance
from kcnn.layers.normalization import KINDS, normalization
from kcnn.plots.panels import Matrix, panels
from kcnn.seeds import generator

SHAPE = (2, 3, 2, 4)
GROUPS, EPSILON = 2, 1e-5

AVERAGED: Mapping[str, tuple[int, ...]] = {
    "batch": (0, 1, 2),
    "layer": (1, 2, 3, 4),
    "instance": (1, 2),
    "group": (1, 2, 4),
}
"""Axes of a tensor (N, H, W, groups, maps of a group) that share a mean."""

WORDS: Mapping[str, str] = {
    "batch": "a map of all images",
    "layer": "all maps of an image",
    "instance": "a map of an image",
    "group": "a group of maps of an image",
}


def layer(kind: str) -> keras.layers.Layer:
    """The normalisation as every network of kcnn has it, its maps in two groups."""
    return normalization(kind, channels=SHAPE[-1], groups=GROUPS, epsilon=EPSILON)


def measure(layers: Callable[[str], keras.layers.Layer] = layer) -> Outcome:
    """Normalise the tensor by each layer and by its definition, then look where means are 0."""
    x = tensor()
    made = {kind: keras.ops.convert_to_numpy(layers(kind)(x, training=True)) for kind in KINDS}
    numbers = {f"{kind}_to_its_definition": distance(values, defined(x, kind)) for kind, values in made.items()}
    means = {(kind, over): largest_mean(values, over) for kind, values in made.items() for over in KINDS}
    numbers |= {f"{kind}_mean_over_{WORDS[over].replace(' ', '_')}": mean for (kind, over), mean in means.items()}
    holds = all(distance(made[kind], defined(x, kind)) < 1e-4 for kind in KINDS) and all(
        (mean < 1e-5) == (set(AVERAGED[over]) >= set(AVERAGED[kind])) for (kind, over), mean in means.items()
    )
    table = np.array([[means[kind, over] for over in KINDS] for kind in KINDS])
    rows = [
        [Matrix(_flat(x), "a tensor", ".1f", caption="a column a map, a row a pixel, two images")]
        + [Matrix(_flat(made[kind]), kind, ".1f", caption=f"over {WORDS[kind]}") for kind in KINDS],
        [Matrix(table, "largest mean that is left", ".1f", caption=f"a row a layer; over {', '.join(KINDS)}")]
        + [Matrix(_flat(same(kind)), "who shares a mean", ".0f", caption=kind) for kind in KINDS],
    ]
    return Outcome(holds, numbers, panels(rows, width=2.9, height=4.0))


def tensor() -> np.ndarray:
    """The tensor (N, H, W, C), float32."""
    rng = generator(0)
    count, height, width, maps = SHAPE
    means, spreads = rng.normal(0, 3, (count, 1, 1, maps)), rng.uniform(1, 3, (count, 1, 1, maps))
    return rng.normal(means, spreads, (count, height, width, maps)).astype("float32")


def defined(x: np.ndarray, kind: str) -> np.ndarray:
    """Less the mean, over the standard deviation, of those values that share them."""
    parts, axes = _grouped(x).astype(float), AVERAGED[kind]
    spread = np.sqrt(parts.var(axes, keepdims=True) + EPSILON)
    return ((parts - parts.mean(axes, keepdims=True)) / spread).reshape(x.shape)


def largest_mean(values: np.ndarray, over: str) -> float:
    """The mean farthest from 0 among those over these axes."""
    return float(np.abs(_grouped(values).astype(float).mean(AVERAGED[over])).max())


def same(kind: str) -> np.ndarray:
    """For each value (N, H, W, C) the number of the mean that it shares with others."""
    kept = [1 if axis in AVERAGED[kind] else size for axis, size in enumerate(_grouped(np.zeros(SHAPE)).shape)]
    numbers = np.arange(np.prod(kept)).reshape(kept)
    return np.broadcast_to(numbers, _grouped(np.zeros(SHAPE)).shape).reshape(SHAPE)


def _grouped(x: np.ndarray) -> np.ndarray:
    """(N, H, W, C) as (N, H, W, groups, maps of a group)."""
    return x.reshape(*x.shape[:-1], GROUPS, -1)


def _flat(x: np.ndarray) -> np.ndarray:
    """(N, H, W, C) as a row a pixel, a column a map."""
    return x.reshape(-1, x.shape[-1])
