"""What the layers of a network answer to an image."""

import keras
import numpy as np

from kcnn.errors import InputError
from kcnn.explain.network import array, batch, maps


def feature_maps(model: keras.Model, images: np.ndarray, tap: str) -> np.ndarray:
    """The maps (N, h, w, C) of the layer called `tap`.

    Raises InputError for a name that does not exist, a layer without maps, or images that do not fit the network.
    """
    looking = keras.Model(model.input, maps(model, tap))
    return array(looking(batch(model, images), training=False))


def strongest(maps: np.ndarray, count: int) -> np.ndarray:
    """The indices of the `count` maps of (N, h, w, C) with the largest activations, in falling order; all if fewer.

    Raises InputError where count is below 1.
    """
    if count < 1:
        raise InputError(f"count must be at least 1, got {count}")
    peaks = maps.max(axis=(0, 1, 2))
    return np.argsort(-peaks, kind="stable")[:count]
