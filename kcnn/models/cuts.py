"""Parts of a network: its stages and blocks, the maps at its taps, the classifier without auxiliary heads."""

import re

import keras


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
