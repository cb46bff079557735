"""Residual networks for CIFAR-10 and the plain ones beside them: He, Zhang, Ren, Sun 2015, section 4.2.

6n + 2 layers: a convolution, three stages of 2n convolutions with 16, 32 and 64 maps, a classifier.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from kcnn.layers import ZeroPadShortcut
from kcnn.models.parts import conv_norm, he_normal, logits, tap

FILTERS = (16, 32, 64)

Shortcut = Callable[..., Any]


def zero_pad(x: Any, filters: int, strides: int, *, name: str) -> Any:
    """Option A: the identity; where the maps shrink, subsampled and widened with zeros. No parameters."""
    if strides == 1 and x.shape[-1] == filters:
        return x
    return ZeroPadShortcut(filters, strides, name=f"{name}_shortcut")(x)


@dataclass(frozen=True)
class CifarNet:
    """One network: blocks of two convolutions in each stage (the paper's n), and what goes around a block."""

    blocks: int
    shortcut: Shortcut | None


VARIANTS = {
    "resnet20_cifar": CifarNet(blocks=3, shortcut=zero_pad),
    "plain20_cifar": CifarNet(blocks=3, shortcut=None),
}


def block(x: Any, filters: int, strides: int, shortcut: Shortcut | None, *, name: str) -> Any:
    """Two 3x3 convolutions, the shortcut added before the last ReLU."""
    residual = conv_norm(x, filters, 3, strides, name=f"{name}a")
    residual = conv_norm(residual, filters, 3, activation=None, name=f"{name}b")
    if shortcut:
        residual = layers.Add(name=f"{name}_add")([shortcut(x, filters, strides, name=name), residual])
    return layers.Activation("relu", name=f"{name}_relu")(residual)


def resnet_cifar(input_shape: Sequence[int], classes: int, name: str) -> keras.Model:
    """The network of the row `name` of VARIANTS."""
    net = VARIANTS[name]
    image = layers.Input(input_shape, name="image")  # (32, 32, 3)
    x = tap(conv_norm(image, FILTERS[0], 3, name="stem"), "stem")  # (32, 32, 16)
    for stage, filters in enumerate(FILTERS, 1):  # (32, 32, 16), (16, 16, 32), (8, 8, 64)
        for index in range(net.blocks):
            strides = 2 if stage > 1 and index == 0 else 1
            x = block(x, filters, strides, net.shortcut, name=f"stage{stage}_block{index + 1}")
        x = tap(x, f"stage{stage}")
    x = layers.GlobalAveragePooling2D(name="pooled")(tap(x, "features"))  # 64
    return keras.Model(image, logits(x, classes, he_normal()), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = dict.fromkeys(VARIANTS, resnet_cifar)
