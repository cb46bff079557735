"""EfficientNet: Tan and Le 2019, table 1 and section 4; and EfficientNet-Lite, its authors' form for phones.

Lite has no squeeze-and-excitation, ReLU6 for SiLU, and neither scales its stem and head nor repeats its first and
last stage: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import keras
from keras import layers

from kcnn.layers import InvertedResidual
from kcnn.layers.block import conv
from kcnn.models.parts import divisible, mean_classifier, norm_choice, tap

# Expansion, kernel, stride, maps, blocks of the stages 2 to 8, which are stage1 to stage7 here.
STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
DROP = 0.2  # stochastic depth of the last block; it rises linearly from 0


@dataclass(frozen=True)
class EfficientNet:
    """How much wider and deeper than B0 a network is, its size of image, and its dropout."""

    width: float
    depth: float
    size: int
    dropout: float
    lite: bool = False


VARIANTS = {
    "efficientnet_b0": EfficientNet(1.0, 1.0, 224, 0.2),
    "efficientnet_b1": EfficientNet(1.0, 1.1, 240, 0.2),
    "efficientnet_b2": EfficientNet(1.1, 1.2, 260, 0.3),
    "efficientnet_b3": EfficientNet(1.2, 1.4, 300, 0.3),
    "efficientnet_b4": EfficientNet(1.4, 1.8, 380, 0.4),
    "efficientnet_b5": EfficientNet(1.6, 2.2, 456, 0.4),
    "efficientnet_b6": EfficientNet(1.8, 2.6, 528, 0.5),
    "efficientnet_b7": EfficientNet(2.0, 3.1, 600, 0.5),
    "efficientnet_lite0": EfficientNet(1.0, 1.0, 224, 0.2, lite=True),
    "efficientnet_lite1": EfficientNet(1.0, 1.1, 240, 0.2, lite=True),
    "efficientnet_lite2": EfficientNet(1.1, 1.2, 260, 0.3, lite=True),
    "efficientnet_lite3": EfficientNet(1.2, 1.4, 280, 0.3, lite=True),
    "efficientnet_lite4": EfficientNet(1.4, 1.8, 300, 0.3, lite=True),
}


@dataclass(frozen=True)
class Form:
    """The authors' code, which is keras.applications's, pads the end of an image more than its beginning."""

    padding: str = "same"
    epsilon: float = 1e-3
    momentum: float = 0.99


def form(like: str | None, net: EfficientNet) -> Form:
    """Torchvision pads both sides alike; up to B4 its constants of normalisation are its usual ones."""
    if like != "torchvision":
        return Form()
    return Form("symmetric") if net.size >= VARIANTS["efficientnet_b5"].size else Form("symmetric", 1e-5, 0.9)


def efficientnet(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    norm: str = "batch",
    dropout: float | None = None,
    small_stem: bool = False,
) -> keras.Model:
    """The network of the row `name` of VARIANTS. Keras's form begins with its own scaling of pixels 0..255.

    A small stem keeps the size, and so does the second stage.
    """
    net, fixed = VARIANTS[name], form(like, VARIANTS[name])
    choice = norm_choice(norm, epsilon=fixed.epsilon, momentum=fixed.momentum)
    activation = "relu6" if net.lite else "silu"
    convolve = partial(conv, activation=activation, norm=choice, padding=fixed.padding)
    block = partial(InvertedResidual, activation=activation, norm=choice, padding=fixed.padding)
    image = layers.Input(input_shape, name="image")  # (224, 224, 3)
    x = image
    if like == "keras":
        x = layers.Normalization(name="normalization")(layers.Rescaling(1 / 255, name="rescaling")(x))
    stem, head = (32, 1280) if net.lite else (divisible(32 * net.width), divisible(1280 * net.width))
    x = tap(convolve(x, stem, 3, 1 if small_stem else 2, name="stem"), "stem")  # (112, 112, 32)
    counts = [repeats(net, stage, row[-1]) for stage, row in enumerate(STAGES)]
    done = 0
    for stage, (expansion, kernel, first, maps, _) in enumerate(STAGES):  # (112, 112, 16) to (7, 7, 320)
        for index in range(counts[stage]):
            strides = 1 if index or (small_stem and stage == 1) else first
            squeeze = 0 if net.lite else max(1, x.shape[-1] // 4)
            drop = DROP * done / sum(counts)
            named = f"stage{stage + 1}_block{index + 1}"
            filters = divisible(maps * net.width)
            x = block(filters, kernel, strides, expansion, squeeze=squeeze, drop=drop, name=named).inline(x)
            done += 1
        x = tap(x, f"stage{stage + 1}")
    x = convolve(x, head, 1, name="last")  # (7, 7, 1280)
    return keras.Model(image, mean_classifier(x, classes, net.dropout if dropout is None else dropout), name=name)


def repeats(net: EfficientNet, stage: int, blocks: int) -> int:
    """The blocks of a stage (counted from 0), scaled."""
    if net.lite and stage in (0, len(STAGES) - 1):
        return blocks
    return math.ceil(net.depth * blocks)


BUILDERS: dict[str, Callable[..., keras.Model]] = dict.fromkeys(VARIANTS, efficientnet)
