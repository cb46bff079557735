"""How far the places of a model's maps see: along the height of an image, along a series, over the frames of a clip."""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from kcnn.arithmetic.receptive_field import NOWHERE, WHOLE, Field, widest
from kcnn.errors import InputError
from kcnn.layers import (
    FrameSlice,
    LogMel,
    MotionChannels,
    TemporalPooling,
    TransposedConv1D,
    TransposedConv2D,
    WeightNorm,
)
from kcnn.layers.block import Block


def receptive_fields(model: keras.Model, start: Field | None = None) -> dict[str, Field]:
    """The receptive field of a place of each layer's output, by the layer's name; `start` is that of the input.

    Of an image and a clip it is that along the height.
    An input without places, a code or a label, sees nothing; a text's places are its words. A network inside the
    model has the field that its answer has on its own input.
    Raises InputError for a layer that enlarges maps in a way whose field is unknown.
    """
    return _followed(model, start or Field(), _after)


def frames_seen(model: keras.Model) -> dict[str, int]:
    """The frames from the first to the last that a place of each layer's output sees; empty for what reads no clip."""
    clips = [source for source in keras.tree.flatten(model.input) if len(source.shape) == 5]
    if not clips:
        return {}
    frames = clips[0].shape[1]
    return {name: min(field.size or frames, frames) for name, field in _followed(model, Field(), _after_time).items()}


def _followed(model: keras.Model, start: Field, after: Callable[[Any, Field], Field]) -> dict[str, Field]:
    """The fields from the inputs on, where `after` says what a layer makes of one."""
    fields: dict[str, Field] = {}
    for layer in model.layers:
        if isinstance(layer, layers.InputLayer):
            fields[layer.name] = start if _has_places(layer) else NOWHERE
            continue
        if isinstance(layer, keras.Model):
            fields[layer.name] = list(_followed(layer, Field(), after).values())[-1]
            continue
        sources = keras.tree.flatten((_divided(layer) or layer).input)
        if isinstance(layer, layers.Multiply):
            sources = sources[:1]
        seen = widest([fields[source._keras_history.operation.name] for source in sources])
        fields[layer.name] = after(layer, seen)
    return fields


def _has_places(layer: layers.InputLayer) -> bool:
    """Whether an input is an image, a series or a text. Codes are rows of fractions, labels single whole numbers."""
    axes = len(layer.batch_shape)
    return axes > 2 or (axes == 2 and keras.backend.is_int_dtype(layer.dtype))


# Layers each of whose numbers depends on every place.
_SEES_ALL = (
    layers.Flatten,
    layers.GlobalAveragePooling1D,
    layers.GlobalAveragePooling2D,
    layers.GlobalAveragePooling3D,
    layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D,
    layers.AdaptiveAveragePooling2D,
    layers.RNN,
)
# Layers whose maps are larger than what they see.
ENLARGES = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.UpSampling2D, TransposedConv1D, TransposedConv2D)


def _after(layer: Any, field: Field) -> Field:
    layer = unwrapped(layer)
    if isinstance(layer, _SEES_ALL) or (isinstance(layer, TemporalPooling) and layer.mode != "last"):
        return WHOLE
    if isinstance(layer, LogMel):
        return Field().through(layer.window, layer.hop, 1)
    if motion := _motion(layer):
        return field.through(motion[1])
    if isinstance(layer, ENLARGES):
        return field.enlarged(*_kernel(layer))
    if isinstance(layer, Block):
        return list(receptive_fields(layer.graph, field).values())[-1]
    window, strides = window_of(layer) or 1, getattr(layer, "strides", None) or getattr(layer, "pool_size", None) or 1
    return field.through(first_of(window), first_of(strides), first_of(getattr(layer, "dilation_rate", 1)))


def _after_time(layer: Any, field: Field) -> Field:
    """The same along the frames of a clip, which are the second axis of 5, or of 3 where there are no pictures."""
    before = keras.tree.flatten(layer.input)[0].shape
    if len(before) not in (3, 5):
        return field
    if len(layer.output.shape) not in (3, 5):
        return Field(field.together(before[1]))
    if motion := _motion(layer):
        return field.through(motion[0])
    if isinstance(layer, FrameSlice):
        return field.through(1, layer.step)
    window = window_of(layer)
    return field.through(window[0], layer.strides[0]) if isinstance(window, tuple | list) else field


def _divided(layer: Any) -> MotionChannels | None:
    """The layer whose maps, which see differently far, are cut into channels by this one; None for any other."""
    if not isinstance(layer, FrameSlice):
        return None
    before = layer.input._keras_history.operation
    while isinstance(before, layers.Identity):  # a tap
        before = before.input._keras_history.operation
    return before if isinstance(before, MotionChannels) else None


def _motion(layer: Any) -> tuple[int, int] | None:
    """The frames and the rows that such channels see, or all of them, of the clip; None for any other layer."""
    whole = _divided(layer) or layer
    if not isinstance(whole, MotionChannels):
        return None
    maps = range(whole.output.shape[1])
    taken = maps if whole is layer else maps[layer.begin : layer.end : layer.step]
    return whole.reach(whole.input.shape[1], taken)


def window_of(layer: Any) -> Any:
    """The sizes of a layer's kernel or window; None where it has none."""
    return getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)


def unwrapped(layer: Any) -> Any:
    """The layer itself, where its weights are normalised by another around it."""
    return layer.layer if isinstance(layer, WeightNorm) else layer


def _kernel(layer: Any) -> tuple[int, int, int]:
    """Kernel, stride and dilation of a layer that enlarges maps, or of the transposed convolution that it equals."""
    if not isinstance(layer, layers.UpSampling2D):
        gaps = layer.dilation if hasattr(layer, "dilation") else layer.dilation_rate
        return first_of(layer.kernel_size), first_of(layer.strides), first_of(gaps)
    factor = layer.size[0]
    kernels = {"nearest": factor, "bilinear": 2 * factor - factor % 2}
    if layer.interpolation not in kernels:
        raise InputError(f"the receptive field of layer {layer.name!r} is unknown: {layer.interpolation} interpolation")
    return kernels[layer.interpolation], factor, 1


def first_of(sizes: Any) -> int:
    """The number for the first axis of a picture; that of a clip is its second."""
    return sizes[len(sizes) == 3] if isinstance(sizes, list | tuple) else sizes
