"""A network kept up to one of its layers, with a new head behind it."""

from itertools import groupby
from typing import Any

import keras
from keras import layers

from kcnn.errors import InputError, unknown
from kcnn.models.cuts import block_of
from kcnn.models.parts import logits, tap


def cut(model: keras.Model, layer: str, classes: int, dropout: float = 0.0) -> keras.Model:
    """What a layer depends on, with its weights, and a fresh head: images (N, h, w, c) to logits (N, classes).

    `layer` may also be a block, and stands for its last layer then (`cuts` names those that make sense).
    The head is the mean over the places of maps, from the tap `features` to the tap `pooled`, dropout, and a dense
    layer, `logits`. The layers are shared with `model`, not copied.
    Raises InputError, with the nearest name, where there is no such layer, or it is the classifier.
    """
    x = layer_called(model, layer).output
    kept = {one.name for one in keras.Model(model.input, x).layers}

    def marked(x: Any, name: str) -> Any:
        return x if name in kept else tap(x, name)

    if len(x.shape) == 4:
        x = layers.GlobalAveragePooling2D(name="pooled")(marked(x, "features"))
    else:
        x = marked(x, "pooled")
    if dropout:
        x = layers.Dropout(dropout, name="head_dropout")(x)
    return keras.Model(model.input, logits(x, classes), name=model.name)


def last_cut(model: keras.Model) -> str:
    """The tap before the classifier: `pooled`, or `features` where a network pools the maps of its classes."""
    return "features" if isinstance(model.get_layer("logits"), layers.Identity) else "pooled"


def pooled(model: keras.Model, names: list[str]) -> keras.Model:
    """The model that answers, by name, what these layers do, maps as their mean over the places: (N, C) each.

    Raises InputError as `cut` does.
    """
    answers = {}
    for name in names:
        x = layer_called(model, name).output
        answers[name] = layers.GlobalAveragePooling2D()(x) if len(x.shape) == 4 else x
    return keras.Model(model.input, answers)


def cuts(model: keras.Model) -> list[str]:
    """Where the network may be cut: behind each block with weights, from the stem on, and before its classifier."""
    last = last_cut(model)
    whole = model.get_layer(last)
    # The mean over the last block's maps is what the classifier sees: that is no other cut.
    same = whole.input if isinstance(whole, layers.GlobalAveragePooling2D | layers.Identity) else whole.output
    until = model.layers.index(_marked(same))
    return [*(block for block, end in _blocks(model).items() if model.layers.index(end) < until), last]


def _marked(answer: Any) -> keras.Layer:
    """The layer that made an answer, behind all taps."""
    layer = answer._keras_history.operation
    return _marked(layer.input) if isinstance(layer, layers.Identity) else layer


def layer_called(model: keras.Model, name: str) -> keras.Layer:
    """The layer of that name, or the last one of the block of that name.

    Raises InputError, with the nearest name, where there is none, or it is the classifier.
    """
    layered = {layer.name: layer for layer in model.layers if not isinstance(layer, layers.InputLayer)}
    known = _blocks(model) | layered
    if name not in known:
        raise unknown(f"layer or block of {model.name}", name, known)
    if name == "logits":
        raise InputError(f"name a layer before the classifier of {model.name}, not 'logits'")
    return known[name]


def _blocks(model: keras.Model) -> dict[str, keras.Layer]:
    """The last layer of each block that has weights and answers maps.

    Taps, which only mark, do not count, nor does the scaling of pixels that some networks begin with.
    """
    ends: dict[str, keras.Layer] = {}
    for name, group in groupby(model.layers, key=lambda layer: block_of(layer.name)):
        members = [layer for layer in group if not isinstance(layer, layers.Identity | layers.Normalization)]
        if any(layer.weights for layer in members) and len(members[-1].output.shape) == 4:
            ends[name] = members[-1]
    return ends
