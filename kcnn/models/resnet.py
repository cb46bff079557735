"""Residual networks for ImageNet, narrow, wide and in groups, and ResNeXt-29 for CIFAR-10.

He, Zhang, Ren, Sun 2015, table 1; Zagoruyko and Komodakis 2016; Xie, Girshick, Dollár, Tu, He 2017, tables 1 and 7.

A block is two 3x3 convolutions, or a bottleneck of 1x1, 3x3 and 1x1, and a shortcut around them, which is a 1x1
convolution where the shape changes (option B). Which convolution of a bottleneck halves the maps, the papers do
not say: the authors' code halves in the first for ResNet (keras.applications does, too), in the 3x3 for the others
(torchvision for all: "v1.5").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
from keras import layers

from kcnn.layers.block import act, conv, he_normal, max_pool
from kcnn.models.parts import mean_classifier, norm_choice, tap

Conv = Callable[..., Any]
"""`conv` with the normalisation of the whole network."""


@dataclass(frozen=True)
class ResNet:
    """One network: blocks in each stage; `width` maps in each of `groups` of the first stage's 3x3 convolutions."""

    depths: tuple[int, ...]
    bottleneck: bool = True
    groups: int = 1
    width: int = 64
    halving: int = 1  # which convolution of a bottleneck does it
    cifar: bool = False


VARIANTS = {
    "resnet18": ResNet((2, 2, 2, 2), bottleneck=False),
    "resnet34": ResNet((3, 4, 6, 3), bottleneck=False),
    "resnet50": ResNet((3, 4, 6, 3)),
    "resnet101": ResNet((3, 4, 23, 3)),
    "resnet152": ResNet((3, 8, 36, 3)),
    "wide_resnet50_2": ResNet((3, 4, 6, 3), width=128, halving=2),
    "resnext50_32x4d": ResNet((3, 4, 6, 3), groups=32, width=4, halving=2),
    "resnext101_32x8d": ResNet((3, 4, 23, 3), groups=32, width=8, halving=2),
    "resnext29_8x64d": ResNet((3, 3, 3), groups=8, width=64, halving=2, cifar=True),
    "resnext29_16x64d": ResNet((3, 3, 3), groups=16, width=64, halving=2, cifar=True),
}


@dataclass(frozen=True)
class Form:
    """What the libraries do otherwise than the papers."""

    halving: int | None = None
    use_bias: bool = False
    epsilon: float = 1e-5
    momentum: float = 0.9


FORMS = {
    None: Form(),
    "torchvision": Form(halving=2),
    "keras": Form(halving=1, use_bias=True, epsilon=1.001e-5, momentum=0.99),
}


def basic(convolve: Conv, x: Any, filters: int, strides: int, *, name: str) -> Any:
    """Two 3x3 convolutions, the shortcut added before the last ReLU."""
    shortcut = x
    if strides > 1 or x.shape[-1] != filters:
        shortcut = convolve(x, filters, 1, strides, activation=None, name=f"{name}_shortcut")
    x = convolve(x, filters, 3, strides, name=f"{name}_a")
    x = convolve(x, filters, 3, activation=None, name=f"{name}_b")
    return act(layers.Add(name=f"{name}_add")([shortcut, x]), "relu", name)


def bottleneck(
    convolve: Conv, x: Any, width: int, filters: int, strides: int, groups: int, halving: int, *, name: str
) -> Any:
    """1x1 to `width` maps, 3x3 in groups, 1x1 to `filters` maps, the shortcut added before the last ReLU."""
    shortcut = x
    first, second = (strides, 1) if halving == 1 else (1, strides)
    if strides > 1 or x.shape[-1] != filters:
        shortcut = convolve(x, filters, 1, strides, activation=None, name=f"{name}_shortcut")
    x = convolve(x, width, 1, first, name=f"{name}_a")
    x = convolve(x, width, 3, second, groups=groups, name=f"{name}_b")
    x = convolve(x, filters, 1, activation=None, name=f"{name}_c")
    return act(layers.Add(name=f"{name}_add")([shortcut, x]), "relu", name)


def resnet(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    norm: str = "batch",
    dropout: float = 0.0,
    small_stem: bool = False,
) -> keras.Model:
    """The network of the row `name` of VARIANTS; with a small stem, or for CIFAR, it begins with a 3x3 convolution."""
    net, form = VARIANTS[name], FORMS[like]
    choice = norm_choice(norm, epsilon=form.epsilon, momentum=form.momentum)
    convolve = partial(conv, norm=choice, use_bias=form.use_bias)
    image = layers.Input(input_shape, name="image")  # (224, 224, 3)
    if net.cifar or small_stem:
        x = convolve(image, 64, 3, name="stem")
    else:
        x = convolve(image, 64, 7, 2, name="stem")  # (112, 112, 64)
        x = max_pool(x, 3, 2, padding=1, name="stem_pool")  # (56, 56, 64)
    x = tap(x, "stem")
    for stage, depth in enumerate(net.depths):  # (56, 56), (28, 28), (14, 14), (7, 7)
        for index in range(depth):
            strides = 2 if stage > 0 and index == 0 else 1
            block = f"stage{stage + 1}_block{index + 1}"
            if net.bottleneck:
                width, filters = net.groups * net.width * 2**stage, 256 * 2**stage
                halving = form.halving or net.halving
                x = bottleneck(convolve, x, width, filters, strides, net.groups, halving, name=block)
            else:
                x = basic(convolve, x, net.width * 2**stage, strides, name=block)
        x = tap(x, f"stage{stage + 1}")
    return keras.Model(image, mean_classifier(x, classes, dropout, he_normal()), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = dict.fromkeys(VARIANTS, resnet)
