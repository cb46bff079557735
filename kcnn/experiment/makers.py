"""Trained networks that make images from codes, pixels in uint8 on both sides. Imported after TensorFlow."""

import math
from functools import cached_property

import keras
import numpy as np

from kcnn.data.preprocessing import Preprocessing
from kcnn.models.cuts import decoder, encoder
from kcnn.models.cuts import generator as generator_of
from kcnn.seeds import generator

_TOGETHER = 256
"""How many images are made at a time."""

_CODES = 7
"""Distinguishes the codes that are drawn from other draws."""


class Reconstructor:
    """An autoencoder, cut at its code (N, latent); that of a variational one is the mean."""

    def __init__(self, model: keras.Model, preprocessing: Preprocessing):
        self._preprocessing = preprocessing
        self._encoder, self._decoder = encoder(model), decoder(model)

    @property
    def latent(self) -> int:
        """How many numbers a code has."""
        return self._decoder.input_shape[-1]

    def encoded(self, images: np.ndarray) -> np.ndarray:
        """The codes (N, latent) of images (N, h, w, c), uint8."""
        parts = [self._encoder(self._preprocessing.standardize(part), training=False) for part in _parts(images)]
        return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])

    def decoded(self, codes: np.ndarray) -> np.ndarray:
        """The images (N, h, w, c), uint8, of codes (N, latent)."""
        parts = [keras.ops.sigmoid(self._decoder(part, training=False)) for part in _parts(codes)]
        return pixels(np.concatenate([keras.ops.convert_to_numpy(part) for part in parts]))


class Generator:
    """The generator of an adversarial pair: images of a class, by its number, from codes (N, latent)."""

    def __init__(self, model: keras.Model):
        self._generator = generator_of(model)

    @cached_property
    def latent(self) -> int:
        """How many numbers a code has."""
        return self._generator.input["code"].shape[-1]

    def decoded(self, codes: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """The images (N, h, w, c), uint8, of codes (N, latent) and labels (N,)."""
        pairs = zip(_parts(codes), _parts(labels), strict=True)
        parts = [self._generator({"code": code, "label": label}, training=False) for code, label in pairs]
        return pixels((np.concatenate([keras.ops.convert_to_numpy(part) for part in parts]) + 1.0) / 2.0)


def drawn(count: int, latent: int, seed: int) -> np.ndarray:
    """Codes (count, latent), standard normal; equal seeds, equal codes."""
    return generator(seed, _CODES).normal(size=(count, latent)).astype(np.float32)


def straight(first: np.ndarray, last: np.ndarray, steps: int) -> np.ndarray:
    """Codes (steps, latent) on the line from one to the other, both included."""
    share = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    return (1 - share) * first + share * last


def around(first: np.ndarray, last: np.ndarray, steps: int) -> np.ndarray:
    """As `straight`, on an arc: each code is standard normal where both ends are, which on the line none is."""
    angle = np.linspace(0, math.pi / 2, steps, dtype=np.float32)[:, None]
    return np.cos(angle) * first + np.sin(angle) * last


def pixels(shares: np.ndarray) -> np.ndarray:
    """Values in 0..1 as uint8."""
    return np.clip(np.round(255.0 * shares), 0, 255).astype(np.uint8)


def _parts(rows: np.ndarray) -> list[np.ndarray]:
    return [rows[start : start + _TOGETHER] for start in range(0, len(rows), _TOGETHER)]
