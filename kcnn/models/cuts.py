"""Parts of a network: its stages and blocks, the maps at its taps, the classifier alone, an encoder or generator."""

import re
from typing import Any

import keras

from kcnn.errors import InputError


def is_stage(name: str) -> bool:
    """Whether a layer of that name is the tap at the end of a stage: stage1, stage2, ..."""
    return name.removeprefix("stage").isdigit()


def block_of(name: str) -> str:
    """`stage1_block2_a_conv` belongs to `stage1_block2`, `fire3_squeeze_conv` to `fire3`."""
    parts = name.split("_")
    return "_".join(parts[: 2 if re.fullmatch(r"stage\d+", parts[0]) else 1])


def pyramid(model: keras.Model) -> keras.Model:
    """The model that answers `{"stem": ..., "stage1": ..., "features": ...}`; weights are shared, not copied."""
    taps = {
        layer.name: layer.output for layer in model.layers if layer.name in ("stem", "features") or is_stage(layer.name)
    }
    return keras.Model(model.input, taps, name=model.name)


def without_heads(model: keras.Model) -> keras.Model:
    """The model that answers its logits alone; the same model, where that is all it answers."""
    if not isinstance(model.output, dict):
        return model
    return keras.Model(model.input, model.output["logits"], name=model.name)


def encoder(model: keras.Model) -> keras.Model:
    """The part of an autoencoder that answers the code, of a variational one its mean; weights are shared.

    Raises InputError where there is none.
    """
    code = model.output["mean"] if isinstance(model.output, dict) and "mean" in model.output else _code(model)
    return keras.Model(model.input, code, name=f"{model.name}_encoder")


def decoder(model: keras.Model) -> keras.Model:
    """The part of an autoencoder from the code to the logits; weights are shared.

    Raises InputError where there is no code.
    """
    logits = model.output["logits"] if isinstance(model.output, dict) else model.output
    return keras.Model(_code(model), logits, name=f"{model.name}_decoder")


def generator(model: keras.Model) -> keras.Model:
    """The network inside an adversarial pair that makes images of `code` and `label`.

    Raises InputError where there is none.
    """
    return _layer(model, "generator")


def _code(model: keras.Model) -> Any:
    return _layer(model, "code").output


def _layer(model: keras.Model, name: str) -> Any:
    for layer in model.layers:
        if layer.name == name:
            return layer
    raise InputError(f"{model.name} has no layer called {name!r}")
