"""The multiply-adds of any layer, Keras's own included."""

from collections.abc import Callable
from math import prod
from typing import Any

import keras
from keras import layers

from kcnn.arithmetic.complexity import (
    convolution_multiply_adds,
    dense_multiply_adds,
    depthwise_multiply_adds,
)
from kcnn.errors import InputError


def _convolution(layer: Any, inputs: Any, outputs: Any) -> int:
    return convolution_multiply_adds(outputs[1:-1], layer.kernel_size, inputs[-1], layer.filters, layer.groups)


def _depthwise(layer: Any, inputs: Any, outputs: Any) -> int:
    return depthwise_multiply_adds(outputs[1:-1], layer.kernel_size, inputs[-1], layer.depth_multiplier)


def _dense(layer: Any, inputs: Any, outputs: Any) -> int:
    return prod(inputs[1:-1]) * dense_multiply_adds(inputs[-1], layer.units)


def _nothing(layer: Any, inputs: Any, outputs: Any) -> int:
    return 0


# Keras's layers that hold weights. Without weights a layer costs 0; with them it must be here or say its own.
MULTIPLY_ADDS: dict[type, Callable[[Any, Any, Any], int]] = {
    layers.BatchNormalization: _nothing,
    layers.Conv2D: _convolution,
    layers.Dense: _dense,
    layers.DepthwiseConv2D: _depthwise,
    layers.GroupNormalization: _nothing,
    layers.LayerNormalization: _nothing,
    layers.Normalization: _nothing,
}


def multiply_adds(layer: keras.layers.Layer) -> int:
    """The multiply-adds of one layer of a model, for one image. Raises InputError where they are unknown."""
    known = hasattr(layer, "multiply_adds")
    if not known and not layer.weights:
        return 0
    inputs, outputs = (keras.tree.map_structure(lambda x: x.shape, x) for x in (layer.input, layer.output))
    if known:
        return layer.multiply_adds(inputs, outputs)
    if type(layer) not in MULTIPLY_ADDS:
        kind = type(layer).__name__
        raise InputError(f"the multiply-adds of layer {layer.name!r} are unknown: {kind} is not in MULTIPLY_ADDS")
    return MULTIPLY_ADDS[type(layer)](layer, inputs, outputs)
