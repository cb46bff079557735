"""What a model is made of, what it costs and how far it sees: a row a layer, a row a block, and totals."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
from keras import layers

from kcnn.layers import FrameSlice, MotionChannels, MovingCrop, TemporalPooling
from kcnn.layers.cost import multiply_adds
from kcnn.models.cuts import block_of
from kcnn.models.fields import ENLARGES, first_of, frames_seen, receptive_fields, unwrapped, window_of


@dataclass(frozen=True)
class Row:
    """One layer or block; `shape` is its output's, without the batch; multiply-adds are for one example.

    `receptive_field` is the pixels, steps or words that a place sees along an axis; None is the whole image, series or
    text, 0 is nothing of it, as for what is made of codes. Where maps were enlarged it is that of the place which sees
    most. What normalisation over an image and the gates of squeeze-and-excitation see is not counted. `frames` is how
    many frames of a clip a place sees, from the first to the last; None is no clip.
    """

    name: str
    kind: str
    shape: tuple[int | None, ...]
    parameters: int
    multiply_adds: int
    receptive_field: int | None
    frames: int | None = None


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
    fields, frames = receptive_fields(model), frames_seen(model)
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layered(layer, f"{prefix}{layer.name}/")
            continue
        yield (
            Row(
                f"{prefix}{layer.name}",
                type(layer).__name__,
                layer.output.shape[1:],
                layer.count_params(),
                multiply_adds(layer),
                fields[layer.name].size,
                frames.get(layer.name),
            ),
            layer,
        )


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
            rows[-1].frames,
        )


def _block_of(name: str) -> str:
    """`block_of`, inside the network that the layer belongs to."""
    *networks, layer = name.split("/")
    return "/".join((*networks, block_of(layer)))


def _sketch(layer: Any) -> str:
    """What a layer does, in the papers' words: `3x3 64 /2` is 64 filters of 3x3 with stride 2.

    `4x4 64 up 2` makes maps twice as large, `3x3 64 dilated 2` sees every other place, `8x 24` is along one axis,
    `3x7x7 64 /1x2x2` along time, height and width.
    """
    layer = unwrapped(layer)
    if isinstance(layer, layers.UpSampling2D):
        return f"{layer.interpolation} up {first_of(layer.size)}"
    window = window_of(layer)
    if not window:
        return next((words(layer) for kind, words in _WITHOUT_WINDOW.items() if isinstance(layer, kind)), "")
    if "_se_" in layer.name:
        return f"gate {layer.filters}" if layer.name.endswith("reduce") else ""
    size = _size(window)
    what = next((count for n in ("filters", "outputs", "planes") if (count := getattr(layer, n, None))), None)
    if not what:
        what = "depthwise" if isinstance(layer, layers.DepthwiseConv2D) else _pooling(layer)
    stride, gap = _stride(getattr(layer, "strides", None) or 1), first_of(getattr(layer, "dilation_rate", 1))
    groups = getattr(layer, "groups", 1)
    marks = (
        (" up " if isinstance(layer, ENLARGES) else " /") + stride if stride != "1" else "",
        f" dilated {gap}" if gap > 1 else "",
        f" in {groups} groups" if groups > 1 else "",
    )
    return f"{size} {what}" + "".join(marks)


_WITHOUT_WINDOW: dict[type, Callable[[Any], str]] = {
    layers.Dense: lambda layer: f"dense {layer.units}",
    layers.Embedding: lambda layer: f"{layer.input_dim:,} vectors of {layer.output_dim}",
    layers.RNN: lambda layer: f"{type(layer).__name__.lower()} {layer.units}",
    TemporalPooling: lambda layer: layer.mode,
    FrameSlice: lambda layer: f"frames {layer.begin} to {layer.end - 1}" + f" /{layer.step}" * (layer.step > 1),
    MotionChannels: lambda layer: "grey, gradients, flow",
    MovingCrop: lambda layer: f"moving {layer.height}x{layer.width}",
}


def _size(window: Any) -> str:
    if isinstance(window, list | tuple):
        return f"{window[0]}x" if len(window) == 1 else _times(window)
    return f"{window}x{window}"


def _of_clips(window: Any) -> bool:
    return isinstance(window, list | tuple) and len(window) == 3


def _stride(strides: Any) -> str:
    """One number, or one for each axis where those of a clip differ."""
    return _times(strides) if _of_clips(strides) and len(set(strides)) > 1 else str(first_of(strides))


def _times(sizes: Iterable[int]) -> str:
    return "x".join(map(str, sizes))


def _pooling(layer: Any) -> str:
    return {"MaxPooling": "max", "AveragePooling": "mean"}.get(type(layer).__name__[:-2], "sum")


def _count(weights: Any) -> int:
    return sum(prod(weight.shape) for weight in weights)
