"""What a model is made of and what it costs: a row a layer, and totals."""

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Row:
    """One layer; `shape` is its output's, without the batch; multiply-adds are for one image."""

    name: str
    kind: str
    shape: tuple[int | None, ...]
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Summary:
    """A model's layers and totals.

    Multiply-adds are for one image, and are those of convolutions, dense layers and kcnn's own layers;
    biases, activations, normalisation, pooling and additions count 0, as in the papers' tables.
    """

    name: str
    rows: tuple[Row, ...]
    trainable_parameters: int
    non_trainable_parameters: int
    multiply_adds: int


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


def summarise(model: keras.Model) -> Summary:
    """Rows and totals of a flat functional model, in the order of its layers.

    Raises InputError for a layer that holds weights and whose cost is unknown, instead of counting it 0.
    """
    rows = tuple(
        Row(
            layer.name,
            type(layer).__name__,
            layer.output.shape[1:],
            layer.count_params(),
            multiply_adds(layer),
        )
        for layer in model.layers
    )
    return Summary(
        name=model.name,
        rows=rows,
        trainable_parameters=_count(model.trainable_weights),
        non_trainable_parameters=_count(model.non_trainable_weights),
        multiply_adds=sum(row.multiply_adds for row in rows),
    )


def multiply_adds(layer: keras.layers.Layer) -> int:
    """The multiply-adds of one layer of a model, for one image. Raises InputError where they are unknown."""
    if not hasattr(layer, "multiply_adds") and not layer.weights:
        return 0
    inputs, outputs = layer.input.shape, layer.output.shape
    if hasattr(layer, "multiply_adds"):
        return layer.multiply_adds(inputs, outputs)
    if type(layer) not in MULTIPLY_ADDS:
        kind = type(layer).__name__
        raise InputError(f"the multiply-adds of layer {layer.name!r} are unknown: {kind} is not in MULTIPLY_ADDS")
    return MULTIPLY_ADDS[type(layer)](layer, inputs, outputs)


def _count(weights: Any) -> int:
    return sum(prod(weight.shape) for weight in weights)
