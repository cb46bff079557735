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


def _recurrent(gates: int) -> Callable[[Any, Any, Any], int]:
    """At every step each gate sees the input and the units; products of gates are not counted."""
    return lambda layer, inputs, outputs: inputs[1] * gates * dense_multiply_adds(inputs[-1] + layer.units, layer.units)


def _nothing(layer: Any, inputs: Any, outputs: Any) -> int:
    return 0


# Keras's layers that hold weights. Without weights a layer costs 0; with them it must be here or say its own.
MULTIPLY_ADDS: dict[type, Callable[[Any, Any, Any], int]] = {
    layers.BatchNormalization: _nothing,
    layers.Conv1D: _convolution,
    layers.Conv2D: _convolution,
    layers.Conv3D: _convolution,
    layers.Dense: _dense,
    layers.DepthwiseConv2D: _depthwise,
    layers.Embedding: _nothing,
    layers.GroupNormalization: _nothing,
    layers.GRU: _recurrent(3),
    layers.LSTM: _recurrent(4),
    layers.LayerNormalization: _nothing,
    layers.Normalization: _nothing,
}


def multiply_adds(layer: keras.layers.Layer) -> int:
    """The multiply-adds of one layer of a model, for one example.

    Raises InputError where they are unknown, and where they depend on a number of steps that is left open.
    """
    if not hasattr(layer, "multiply_adds") and not layer.weights:
        return 0
    inputs, outputs = (keras.tree.map_structure(lambda x: x.shape, x) for x in (layer.input, layer.output))
    if any(None in x.shape[1:] for x in keras.tree.flatten((layer.input, layer.output))):
        raise InputError(
            f"the multiply-adds of layer {layer.name!r} are unknown: the number of steps of its input must be known"
        )
    return multiply_adds_between(layer, inputs, outputs)


def multiply_adds_between(layer: keras.layers.Layer, inputs: Any, outputs: Any) -> int:
    """The multiply-adds of a layer, also of one that is inside another, from shape to shape, for one example.

    Raises InputError where they are unknown.
    """
    if hasattr(layer, "multiply_adds"):
        return layer.multiply_adds(inputs, outputs)
    if type(layer) not in MULTIPLY_ADDS:
        kind = type(layer).__name__
        raise InputError(f"the multiply-adds of layer {layer.name!r} are unknown: {kind} is not in MULTIPLY_ADDS")
    return MULTIPLY_ADDS[type(layer)](layer, inputs, outputs)
