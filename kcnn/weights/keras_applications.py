"""The names of keras.applications: layer/variable, as `variable.path` has them and as its published files do."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kcnn.models.catalog import Variant
from kcnn.models.weightless import without_weights
from kcnn.weights.hdf5 import keras_keys
from kcnn.weights.naming import Rule, Rules, blocks, has, pads_alike

PREDICTIONS: Rule = ("logits", "predictions")
_BN = {"conv": "conv", "norm": "bn"}

# The standard deviations of ImageNet's channels, which EfficientNet's published files store as variances.
DEVIATIONS = (0.229, 0.224, 0.225)


def vgg(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """block1_conv1 and so on."""
    return (
        (r"stage(\d)_block(\d)_conv", lambda s, b: f"block{s}_conv{b}"),
        (r"(fc\d)", lambda name: name),
        PREDICTIONS,
    )


def resnet(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """Stages are counted from 2, and the shortcut is convolution 0."""
    return (
        (r"stem_(conv|norm)", lambda kind: f"conv1_{_BN[kind]}"),
        (r"stage(\d)_block(\d+)_shortcut_(conv|norm)", lambda s, b, kind: f"conv{s + 1}_block{b}_0_{_BN[kind]}"),
        (
            r"stage(\d)_block(\d+)_([abc])_(conv|norm)",
            lambda s, b, letter, kind: f"conv{s + 1}_block{b}_{'abc'.index(letter) + 1}_{_BN[kind]}",
        ),
        PREDICTIONS,
    )


def densenet(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """A layer's normalisations are 0 and 1, its convolutions 1 and 2."""

    def inside(s: int, n: int, which: str, kind: str) -> str:
        index = ("bottleneck", "growth").index(which) + (kind == "conv")
        return f"conv{s + 1}_block{n}_{index}_{_BN[kind]}"

    return (
        (r"stem_(conv|norm)", lambda kind: f"conv1_{_BN[kind]}"),
        (r"stage(\d)_layer(\d+)_(bottleneck|growth)_(conv|norm)", inside),
        (r"transition(\d)_(conv|norm)", lambda index, kind: f"pool{index + 1}_{_BN[kind]}"),
        ("last_norm", "bn"),
        PREDICTIONS,
    )


def mobilenet_v2(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """Blocks are counted through all stages; the first has a name of its own."""
    places = blocks(model)

    def inside(s: int, b: int, part: str, kind: str) -> str:
        block = f"block_{places[s, b]}" if places[s, b] else "expanded_conv"
        return f"{block}_{part}" + ("_BN" if kind == "norm" else "")

    return (
        ("stem_conv", "Conv1"),
        ("stem_norm", "bn_Conv1"),
        (r"stage(\d)_block(\d+)_(expand|depthwise|project)_(conv|norm)", inside),
        ("last_conv", "Conv_1"),
        ("last_norm", "Conv_1_bn"),
        PREDICTIONS,
    )


def efficientnet(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """Blocks of a stage are lettered."""
    parts = {"expand": "expand_", "depthwise": "dw", "project": "project_"}

    def inside(s: int, b: int, part: str, kind: str) -> str:
        block = f"block{s}{chr(ord('a') + b - 1)}_"
        return block + ("bn" if (part, kind) == ("depthwise", "norm") else f"{parts[part]}{_BN[kind]}")

    return (
        ("normalization", "normalization"),
        (r"(stem)_(conv|norm)", lambda stem, kind: f"{stem}_{_BN[kind]}"),
        (
            r"stage(\d)_block(\d+)_se_(reduce|expand)",
            lambda s, b, part: f"block{s}{chr(ord('a') + b - 1)}_se_{part}",
        ),
        (r"stage(\d)_block(\d+)_(expand|depthwise|project)_(conv|norm)", inside),
        (r"last_(conv|norm)", lambda kind: f"top_{_BN[kind]}"),
        PREDICTIONS,
    )


RULES: dict[str, Rules] = {rules.__name__: rules for rules in (vgg, resnet, densenet, mobilenet_v2, efficientnet)}


def modern(name: str) -> str:
    """Today's name of an entry.

    Older files have `layer/layer/kernel:0`, and `depthwise_kernel` for a depthwise layer's kernel; a second model of
    one process has `normalization_1`, which Keras counts up.
    """
    name = re.sub(r"^(.+)/\1/", r"\1/", name.removesuffix(":0"))
    name = re.sub(r"^normalization_\d+/", "normalization/", name)
    return name.removesuffix("depthwise_kernel") + "kernel" if name.endswith("/depthwise_kernel") else name


def is_seed(name: str) -> bool:
    """Whether an entry is the state of a random generator, which dropout has."""
    return name.endswith("seed_generator_state")


def arranged(values: np.ndarray, name: str) -> np.ndarray:
    """Keras's own layout. A variance that is one of EfficientNet's published files becomes one."""
    published = name == "normalization/variance" and values.shape == np.shape(DEVIATIONS) and values.dtype.kind == "f"
    return np.square(values) if published and np.allclose(values, DEVIATIONS, atol=1e-6) else values


# What shapes do not show, or would show by a long list: whether a model was built in Keras's form.
IN_FORM: dict[str, Callable[[keras.Model], bool]] = {
    "resnet": lambda model: model.get_layer("stem_conv").use_bias,
    "mobilenet_v2": lambda model: not pads_alike(model),
    "efficientnet": lambda model: has(model, "normalization"),
}

APPLICATIONS = {
    **{f"vgg{n}": f"VGG{n}" for n in (16, 19)},
    **{f"resnet{n}": f"ResNet{n}" for n in (50, 101, 152)},
    **{f"densenet{n}": f"DenseNet{n}" for n in (121, 169, 201)},
    **{f"efficientnet_b{n}": f"EfficientNetB{n}" for n in range(8)},
    "mobilenet_v2": "MobileNetV2",
}


def named(entries: Mapping[str, np.ndarray], model: keras.Model) -> Mapping[str, np.ndarray]:
    """The entries of a file by layer and variable, where it numbers them or has names of its time.

    Keras itself reads such files by their order: `.weights.h5` numbers layers and variables, and the `.h5` files that
    were published with Keras 1 and 2 call VGG16's first kernel `block1_conv1_W_1`, the last layer of ResNet50
    `fc1000` or `probs`. The order is that of keras.applications's own model, which is built for it, without memory
    for weights.
    """
    # Keras takes no image below 32 pixels; no convolution's weights depend on the size.
    options = {"weights": None, "input_shape": (*(max(32, side) for side in model.input_shape[1:3]), 3)}
    if model.name == "mobilenet_v2":
        options["alpha"] = model.get_layer("stage5").output.shape[-1] / 320  # the one width that is not rounded
    whole = {"classes": model.get_layer("logits").units} if has(model, "logits") else {}
    # A model without a classifier takes files with one and without.
    for form in (whole,) if whole else ({}, {"include_top": False}):
        theirs = _theirs(model.name, options | form)
        keys = keras_keys(theirs)
        entries = {modern(keys.get(name, name)): array for name, array in entries.items() if not is_seed(name)}
        weights = [(layer, weight) for layer in theirs.layers for weight in layer.weights]
        ordered = [modern(f"{layer.name}/{weight.name}") for layer, weight in weights]
        if set(entries) == set(ordered):
            return entries
        if [np.shape(array) for array in entries.values()] == [tuple(weight.shape) for _, weight in weights]:
            return dict(zip(ordered, entries.values(), strict=True))
    return entries


def _theirs(name: str, options: Mapping[str, Any]) -> keras.Model:
    return without_weights(lambda: getattr(keras.applications, APPLICATIONS[name])(**options))
