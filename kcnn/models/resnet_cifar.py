"""Residual networks for CIFAR-10 and the plain ones beside them: He, Zhang, Ren, Sun 2015, section 4.2.

6n + 2 layers: a convolution, three stages of 2n convolutions with 16, 32 and 64 maps, a classifier.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from kcnn.layers import ZeroPadShortcut
from kcnn.layers.block import Norm, act, conv, he_normal
from kcnn.models.parts import mean_classifier, norm_choice, tap

FILTERS = (16, 32, 64)

Shortcut = Callable[..., Any]


def zero_pad(x: Any, filters: int, strides: int, choice: Norm, *, name: str) -> Any:
    """Option A: subsampled and widened with zeros. No parameters."""
    return ZeroPadShortcut(filters, strides, name=f"{name}_shortcut")(x)


def projection(x: Any, filters: int, strides: int, choice: Norm, *, name: str) -> Any:
    """Option B: a 1x1 convolution."""
    return conv(x, filters, 1, strides, activation=None, norm=choice, name=f"{name}_shortcut")


SHORTCUTS: dict[str, Shortcut] = {"A": zero_pad, "B": projection}


@dataclass(frozen=True)
class CifarNet:
    """One network: blocks of two convolutions in each stage (the paper's n), and whether something goes around."""

    blocks: int
    residual: bool


VARIANTS = {
    f"{kind}{6 * n + 2}_cifar": CifarNet(blocks=n, residual=kind == "resnet")
    for kind in ("resnet", "plain")
    for n in (3, 5, 7, 9, 18)
}


def block(x: Any, filters: int, strides: int, choice: Norm, shortcut: Shortcut | None, *, name: str) -> Any:
    """Two 3x3 convolutions, the shortcut added before the last ReLU: the identity where no shape changes."""
    residual = conv(x, filters, 3, strides, norm=choice, name=f"{name}_a")
    residual = conv(residual, filters, 3, activation=None, norm=choice, name=f"{name}_b")
    if shortcut:
        if strides > 1 or x.shape[-1] != filters:
            x = shortcut(x, filters, strides, choice, name=name)
        residual = layers.Add(name=f"{name}_add")([x, residual])
    return act(residual, "relu", name)


def _build(
    input_shape: Sequence[int], classes: int, name: str, shortcut: Shortcut | None, norm: str, dropout: float
) -> keras.Model:
    net, choice = VARIANTS[name], norm_choice(norm)
    image = layers.Input(input_shape, name="image")  # (32, 32, 3)
    x = tap(conv(image, FILTERS[0], 3, norm=choice, name="stem"), "stem")  # (32, 32, 16)
    for stage, filters in enumerate(FILTERS, 1):  # (32, 32, 16), (16, 16, 32), (8, 8, 64)
        for index in range(net.blocks):
            strides = 2 if stage > 1 and index == 0 else 1
            x = block(x, filters, strides, choice, shortcut, name=f"stage{stage}_block{index + 1}")
        x = tap(x, f"stage{stage}")
    return keras.Model(image, mean_classifier(x, classes, dropout, he_normal()), name=name)


def resnet_cifar(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    shortcut: str = "A",
    norm: str = "batch",
    dropout: float = 0.0,
) -> keras.Model:
    """The residual network of the row `name` of VARIANTS; `shortcut` is the paper's option where a stage begins."""
    return _build(input_shape, classes, name, SHORTCUTS[shortcut], norm, dropout)


def plain_cifar(
    input_shape: Sequence[int], classes: int, name: str, *, norm: str = "batch", dropout: float = 0.0
) -> keras.Model:
    """Its plain twin, without shortcuts."""
    return _build(input_shape, classes, name, None, norm, dropout)


BUILDERS: dict[str, Callable[..., keras.Model]] = {
    name: resnet_cifar if net.residual else plain_cifar for name, net in VARIANTS.items()
}
