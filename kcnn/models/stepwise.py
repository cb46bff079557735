"""A causal network that is asked one step at a time: it remembers what its convolutions will need of the past.

Source: Le Paine et al. 2016, *Fast WaveNet Generation Algorithm*.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from kcnn.errors import InputError
from kcnn.layers import CausalConv1D, GatedActivation, OneHot

_STEP_BY_STEP = (
    layers.Activation,
    layers.Add,
    layers.Dense,
    layers.Dropout,
    layers.Identity,
    GatedActivation,
    OneHot,
)
"""Layers whose answer at a step depends on that step alone."""

_REMEMBERING = (CausalConv1D, layers.RNN)


class Stepwise:
    """The function of `model`, whose input `moving` comes a step at a time; all others are known from the beginning.

    A convolution of kernel k and dilation d remembers the last (k - 1) d steps of its input, a recurrent layer its
    state; so a step costs as many multiplications as the network has weights, and not as many as its receptive field
    would.

    Raises InputError for a layer between that input and the answer that looks at other steps in an unknown way.
    """

    def __init__(self, model: keras.Model, moving: str):
        self.model = model
        self._moving = moving
        self._layers = [layer for layer in model.layers if not isinstance(layer, layers.InputLayer)]
        reached = {_name(model.input[moving])}
        for layer in self._layers:
            if reached & set(map(_name, keras.tree.flatten(layer.input))):
                reached.add(layer.name)
                if not _goes_step_by_step(layer):
                    raise InputError(f"{layer.name} ({type(layer).__name__}) is no layer that can go step by step")
        self._reached = reached
        self._remembering = [
            layer for layer in self._layers if layer.name in reached and isinstance(layer, _REMEMBERING)
        ]

    def begin(self, given: Mapping[str, Any], count: int) -> tuple[list[Any], dict[str, Any]]:
        """Nothing remembered, for `count` series, and what the steps need of the inputs that are `given`."""
        known = {tensor.name: given[name] for name, tensor in self.model.input.items() if name != self._moving}
        for layer in self._layers:
            if layer.name not in self._reached:
                known[layer.name] = self._called(layer, known)
        used = {
            _name(tensor)
            for layer in self._layers
            if layer.name in self._reached
            for tensor in keras.tree.flatten(layer.input)
        }
        memories = [_nothing(layer, count) for layer in self._remembering]
        return memories, {name: value for name, value in known.items() if name in used}

    def step(self, memories: Sequence[Any], known: Mapping[str, Any], time: Any, inputs: Any) -> tuple[Any, list[Any]]:
        """The answer (N, ...) to the inputs (N, ...) of the step `time`, and what is remembered after it."""
        values = {name: _at(value, time) for name, value in known.items()}
        values[_name(self.model.input[self._moving])] = inputs[:, None]
        left, kept = list(memories), []
        for layer in self._layers:
            if layer.name not in self._reached:
                continue
            if isinstance(layer, layers.RNN):
                answer, states = layer.cell(values[_name(layer.input)][:, 0], left.pop(0))
                kept.append(states)
                values[layer.name] = answer[:, None]
            elif isinstance(layer, CausalConv1D):
                met = ops.cast(values[_name(layer.input)], layer.compute_dtype)
                memory = ops.concatenate([left.pop(0), met], axis=1)
                kept.append(memory[:, 1:])
                values[layer.name] = layer.last(memory[:, :: layer.dilation_rate])[:, None]
            else:
                values[layer.name] = self._called(layer, values)
        return values[_name(self.model.output)][:, 0], kept

    def _called(self, layer: Any, values: Mapping[str, Any]) -> Any:
        return layer(keras.tree.map_structure(lambda tensor: values[_name(tensor)], layer.input))


def _goes_step_by_step(layer: Any) -> bool:
    """Whether a layer answers every step, from that step and those before it."""
    if isinstance(layer, CausalConv1D):
        return layer.strides == 1 and layer.groups == 1
    if isinstance(layer, layers.RNN):
        return layer.return_sequences and not layer.go_backwards
    return isinstance(layer, _STEP_BY_STEP)


def _nothing(layer: Any, count: Any) -> Any:
    """What a layer remembers before the first step."""
    if isinstance(layer, layers.RNN):
        return layer.cell.get_initial_state(batch_size=count)
    steps = (layer.kernel_size[0] - 1) * layer.dilation_rate
    return ops.zeros((count, steps, layer.kernel.shape[1]), layer.compute_dtype)


def _name(tensor: Any) -> str:
    """The layer that a tensor of the graph comes from."""
    return tensor._keras_history.operation.name


def _at(value: Any, time: Any) -> Any:
    """A value at one step, where it has several."""
    if len(value.shape) < 3 or value.shape[1] == 1:
        return value
    return ops.take(value, [time], axis=1)
