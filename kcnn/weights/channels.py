"""A first layer that was trained on three colours, for images of other channels."""

import keras
import numpy as np
from keras import layers

COLOURS = 3


def for_channels(values: np.ndarray, layer: keras.Layer, model: keras.Model) -> np.ndarray:
    """A variable of the first convolution, or of the standardisation before it, for the model's channels.

    One channel, or two, share the sum of the three colours' kernels: a grey image answers as it did in colour. Further
    channels get 0: the image answers as it did before, until training finds a use for them. A standardisation inside
    the network becomes, for them, that of the mean colour: its answers to grey are near those in colour, not the same.
    Other layers' variables are returned as they are.
    """
    channels = model.input_shape[-1]
    if channels == COLOURS:
        return values
    if isinstance(layer, layers.Normalization) and values.shape == (COLOURS,):
        return _standardisation(values, channels)
    if layer is _first(model) and values.ndim in (4, 5) and values.shape[-2] == COLOURS:
        return _kernel(values, channels)
    return values


def _first(model: keras.Model) -> keras.Layer:
    return next(layer for layer in model.layers if hasattr(layer, "kernel"))


def _kernel(kernel: np.ndarray, channels: int) -> np.ndarray:
    if channels < COLOURS:
        return np.repeat(kernel.sum(axis=-2, keepdims=True) / channels, channels, axis=-2)
    return np.pad(kernel, (*[(0, 0)] * (kernel.ndim - 2), (0, channels - COLOURS), (0, 0)))


def _standardisation(values: np.ndarray, channels: int) -> np.ndarray:
    if channels < COLOURS:
        return np.full(channels, values.mean(), values.dtype)
    return np.concatenate([values, np.full(channels - COLOURS, values.mean(), values.dtype)])
