"""PyTorch's names and axes for what Keras's layers hold."""

import numpy as np
from keras import Layer, Variable, layers

COUNTER = "num_batches_tracked"
"""What PyTorch counts in a normalisation, and nothing needs."""

_NAMES = {
    "kernel": "weight",
    "gamma": "weight",
    "beta": "bias",
    "bias": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def entry(variable: Variable) -> str:
    """The last part of the name of a variable in a state dict."""
    return _NAMES[variable.name]


def arranged(values: np.ndarray, layer: Layer) -> np.ndarray:
    """PyTorch's array with its axes as Keras has them; whatever its shape, it is not checked here.

    Convolution: (filters, channels, h, w) to (h, w, channels, filters), of clips with time before h in both; depthwise
    (channels, 1, h, w) to (h, w, channels, 1). Dense: (units, inputs) to (inputs, units); behind a Flatten the inputs
    are (channels, h, w) in PyTorch and (h, w, channels) here.
    """
    if isinstance(layer, layers.DepthwiseConv2D) and values.ndim == 4:
        return values.transpose(2, 3, 0, 1)
    if values.ndim in (4, 5):
        return values.transpose(*range(2, values.ndim), 1, 0)
    if values.ndim != 2:
        return values
    before = layer.input._keras_history.operation
    while isinstance(before, layers.Dropout):
        before = before.input._keras_history.operation
    if isinstance(before, layers.Flatten):
        height, width, channels = before.input.shape[1:]
        if values.shape[1] == height * width * channels:
            maps = values.reshape(-1, channels, height, width)
            return maps.transpose(2, 3, 1, 0).reshape(-1, values.shape[0])
    return values.T


def shape(layer: Layer, variable: Variable) -> tuple[int, ...]:
    """The shape that PyTorch's array for a variable has."""
    if len(variable.shape) < 4:
        return tuple(variable.shape[::-1])
    *kernel, channels, filters = variable.shape
    return (channels, 1, *kernel) if isinstance(layer, layers.DepthwiseConv2D) else (filters, channels, *kernel)
