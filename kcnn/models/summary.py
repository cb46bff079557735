"""What a model is made of, what it costs and how far it sees: a row a layer, a row a block, and totals."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
from keras import layers

from kcnn.arithmetic.receptive_field import NOWHERE, WHOLE, Field, widest
from kcnn.errors import InputError
from kcnn.layers import LogMel, TemporalPooling, TransposedConv1D, TransposedConv2D, WeightNorm
from kcnn.layers.block import Block
from kcnn.layers.cost import multiply_adds
from kcnn.models.cuts import block_of


@dataclass(frozen=True)
class Row:
    """One layer or block; `shape` is its output's, without the batch; multiply-adds are for one example.

    `receptive_field` is the pixels, steps or words that a place sees along an axis; None is the whole image, series or
    text, 0 is nothing of it, as for what is made of codes. Where maps were enlarged it is that of the place which sees
    most. What normalisation over an image and the gates of squeeze-and-excitation see is not counted.
    """

    name: str
    kind: str
    shape: tuple[int | None, ...]
    parameters: int
    multiply_adds: int
    receptive_field: int | None


@dataclass(frozen=True)
class Summary:
    """A model's layers and totals.

    Multiply-adds are for one example, and are those of convolutions, dense and recurrent layers and kcnn's own layers;
    biases, activations, normalisation, pooling and additions count 0, as in the papers' tables.
    `receptive_field` is that of a place of `features`, or of the answer where a model has none.
    """

    name: str
    rows: tuple[Row, ...]
    blocks: tuple[Row, ...]
    trainable_parameters: int
    non_trainable_parameters: int
    multiply_adds: int
    receptive_field: int | None


def summarise(model: keras.Model) -> Summary:
    """Rows and totals of a functional model, in the order of its layers.

    The layers of a network inside it are listed in its place, as `generator/up1_conv`, and counted once, however often
    it is applied; their receptive fields are on that network's own input.

    Raises InputError for a layer that holds weights and whose cost is unknown, instead of counting it 0, and for a
    model of series or texts whose length is left open.
    """
    layered = list(_layered(model))
    rows = tuple(row for row, _ in layered)
    return Summary(
        name=model.name,
        rows=rows,
        blocks=tuple(_blocks(layered)),
        trainable_parameters=_count(model.trainable_weights),
        non_trainable_parameters=_count(model.non_trainable_weights),
        multiply_adds=sum(row.multiply_adds for row in rows),
        receptive_field=next((row for row in rows if row.name == "features"), rows[-1]).receptive_field,
    )


def _layered(model: keras.Model, prefix: str = "") -> Iterator[tuple[Row, Any]]:
    fields = receptive_fields(model)
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layered(layer, f"{prefix}{layer.name}/")
            continue
        kind, shape, field = type(layer).__name__, layer.output.shape[1:], fields[layer.name].size
        yield Row(f"{prefix}{layer.name}", kind, shape, layer.count_params(), multiply_adds(layer), field), layer


def receptive_fields(model: keras.Model, start: Field | None = None) -> dict[str, Field]:
    """The receptive field of a place of each layer's output, by the layer's name; `start` is that of the input.

    An input without places, a code or a label, sees nothing; a text's places are its words. A network inside the
    model has the field that its answer has on its own input.
    Raises InputError for a layer that enlarges maps in a way whose field is unknown.
    """
    fields: dict[str, Field] = {}
    for layer in model.layers:
        if isinstance(layer, layers.InputLayer):
            fields[layer.name] = (start or Field()) if _has_places(layer) else NOWHERE
            continue
        if isinstance(layer, keras.Model):
            fields[layer.name] = list(receptive_fields(layer).values())[-1]
            continue
        sources = keras.tree.flatten(layer.input)
        if isinstance(layer, layers.Multiply):
            sources = sources[:1]
        seen = widest([fields[source._keras_history.operation.name] for source in sources])
        fields[layer.name] = _after(layer, seen)
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
    layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D,
    layers.AdaptiveAveragePooling2D,
    layers.RNN,
)
# Layers whose maps are larger than what they see.
_ENLARGES = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.UpSampling2D, TransposedConv1D, TransposedConv2D)


def _after(layer: Any, field: Field) -> Field:
    layer = _unwrapped(layer)
    if isinstance(layer, _SEES_ALL) or (isinstance(layer, TemporalPooling) and layer.mode != "last"):
        return WHOLE
    if isinstance(layer, LogMel):
        return Field().through(layer.window, layer.hop, 1)
    if isinstance(layer, _ENLARGES):
        return field.enlarged(*_kernel(layer))
    if isinstance(layer, Block):
        return list(receptive_fields(layer.graph, field).values())[-1]
    window = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None) or 1
    strides = getattr(layer, "strides", None) or getattr(layer, "pool_size", None) or 1
    return field.through(_first(window), _first(strides), _first(getattr(layer, "dilation_rate", 1)))


def _unwrapped(layer: Any) -> Any:
    """The layer itself, where its weights are normalised by another around it."""
    return layer.layer if isinstance(layer, WeightNorm) else layer


def _kernel(layer: Any) -> tuple[int, int, int]:
    """Kernel, stride and dilation of a layer that enlarges maps, or of the transposed convolution that it equals."""
    if not isinstance(layer, layers.UpSampling2D):
        gaps = layer.dilation if hasattr(layer, "dilation") else layer.dilation_rate
        return _first(layer.kernel_size), _first(layer.strides), _first(gaps)
    factor = layer.size[0]
    kernels = {"nearest": factor, "bilinear": 2 * factor - factor % 2}
    if layer.interpolation not in kernels:
        raise InputError(f"the receptive field of layer {layer.name!r} is unknown: {layer.interpolation} interpolation")
    return kernels[layer.interpolation], factor, 1


def _first(sizes: Any) -> int:
    return sizes[0] if isinstance(sizes, list | tuple) else sizes


def _blocks(layered: Iterable[tuple[Row, Any]]) -> Iterable[Row]:
    """A row for the layers that belong together by their names; taps that only mark have none.

    Those of parallel branches take turns in a model: a block stands where its first layer does.
    """
    groups: dict[str, list[tuple[Row, Any]]] = {}
    for pair in layered:
        groups.setdefault(_block_of(pair[0].name), []).append(pair)
    for name, group in groups.items():
        rows, members = zip(*group, strict=True)
        if name != "logits" and all(isinstance(layer, layers.Identity) for layer in members):
            continue
        yield Row(
            name,
            ", ".join(filter(None, map(_sketch, members))),
            rows[-1].shape,
            sum(row.parameters for row in rows),
            sum(row.multiply_adds for row in rows),
            rows[-1].receptive_field,
        )


def _block_of(name: str) -> str:
    """`block_of`, inside the network that the layer belongs to."""
    *networks, layer = name.split("/")
    return "/".join((*networks, block_of(layer)))


def _sketch(layer: Any) -> str:
    """What a layer does, in the papers' words: `3x3 64 /2` is 64 filters of 3x3 with stride 2.

    `4x4 64 up 2` makes maps twice as large, `3x3 64 dilated 2` sees every other place, `8x 24` is along one axis.
    """
    layer = _unwrapped(layer)
    if isinstance(layer, layers.UpSampling2D):
        return f"{layer.interpolation} up {_first(layer.size)}"
    window = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if not window:
        return next((words(layer) for kind, words in _WITHOUT_WINDOW.items() if isinstance(layer, kind)), "")
    if "_se_" in layer.name:
        return f"gate {layer.filters}" if layer.name.endswith("reduce") else ""
    size = "x".join([str(_first(window)), "" if _along_one_axis(window) else str(_first(window))])
    what = next((count for n in ("filters", "outputs", "planes") if (count := getattr(layer, n, None))), None)
    if not what:
        what = "depthwise" if isinstance(layer, layers.DepthwiseConv2D) else _pooling(layer)
    stride, gap = _first(getattr(layer, "strides", None) or 1), _first(getattr(layer, "dilation_rate", 1))
    groups = getattr(layer, "groups", 1)
    marks = (
        (" up " if isinstance(layer, _ENLARGES) else " /") + str(stride) if stride > 1 else "",
        f" dilated {gap}" if gap > 1 else "",
        f" in {groups} groups" if groups > 1 else "",
    )
    return f"{size} {what}" + "".join(marks)


_WITHOUT_WINDOW: dict[type, Callable[[Any], str]] = {
    layers.Dense: lambda layer: f"dense {layer.units}",
    layers.Embedding: lambda layer: f"{layer.input_dim:,} vectors of {layer.output_dim}",
    layers.RNN: lambda layer: f"{type(layer).__name__.lower()} {layer.units}",
    TemporalPooling: lambda layer: layer.mode,
}


def _along_one_axis(window: Any) -> bool:
    return isinstance(window, list | tuple) and len(window) == 1


def _pooling(layer: Any) -> str:
    return {"MaxPooling": "max", "AveragePooling": "mean"}.get(type(layer).__name__[:-2], "sum")


def _count(weights: Any) -> int:
    return sum(prod(weight.shape) for weight in weights)
