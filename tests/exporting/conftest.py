"""A small network with random weights, and pictures for it."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from kcnn.data.preprocessing import Preprocessing

CLASSES = ("ant", "bee", "käfer")
PREPROCESSING = Preprocessing(6, 5, 3, "cover", mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.1))


def network(preprocessing: Preprocessing = PREPROCESSING, seed: int = 0, dtype: str = "float32") -> keras.Model:
    keras.utils.set_random_seed(seed)
    pixels = keras.Input(preprocessing.shape)
    x = keras.layers.Conv2D(4, 3, activation="relu")(pixels)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(pixels, keras.layers.Dense(len(CLASSES), dtype=dtype)(x))


def grey(preprocessing: Preprocessing = PREPROCESSING) -> Preprocessing:
    return replace(preprocessing, channels=1, mean=(0.5,), std=(0.5,))


def pictures(count: int, height: int = 6, width: int = 5, channels: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, channels), np.uint8)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return network()
