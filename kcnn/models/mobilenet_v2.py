"""MobileNetV2: Sandler, Howard, Zhu, Zhmoginov, Chen 2018, table 2."""

from collections.abc import Callable, Sequence

import keras
from keras import layers

from kcnn.layers import InvertedResidual
from kcnn.layers.block import conv
from kcnn.models.parts import chosen, divisible, pooled_classifier, tap

# t (expansion), c (maps), n (blocks), s (stride of the first): the rows of table 2, by the size of their maps.
STAGES = (
    ((1, 16, 1, 1),),
    ((6, 24, 2, 2),),
    ((6, 32, 3, 2),),
    ((6, 64, 4, 2), (6, 96, 3, 1)),
    ((6, 160, 3, 2), (6, 320, 1, 1)),
)
# The paper does not say how borders are padded nor what epsilon is: its authors' code is keras's form.
FORMS = {
    None: {"padding": "same", "epsilon": 1e-3, "momentum": 0.99},
    "keras": {"padding": "same", "epsilon": 1e-3, "momentum": 0.999},
    "torchvision": {"padding": "symmetric", "epsilon": 1e-5, "momentum": 0.9},
}


def mobilenet_v2(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    norm: str = "batch",
    dropout: float = 0.2,
    small_stem: bool = False,
    width: float = 1.0,
) -> keras.Model:
    """The network of table 2 with `width` times the maps, to multiples of 8; its last maps are never below 1280.

    A small stem keeps the size, and so does the stage after it.
    """
    form = FORMS[like]
    padding = str(form["padding"])
    choice = chosen(norm, epsilon=form["epsilon"], momentum=form["momentum"])
    image = layers.Input(input_shape, name="image")  # (224, 224, 3)
    x = conv(
        image,
        divisible(32 * width),
        3,
        1 if small_stem else 2,
        activation="relu6",
        norm=choice,
        padding=padding,
        name="stem",
    )
    x = tap(x, "stem")  # (112, 112, 32)
    for stage, rows in enumerate(STAGES, 1):  # (112, 112, 16), (56, 56, 24), (28, 28, 32), (14, 14, 96), (7, 7, 320)
        index = 0
        for expansion, maps, count, first in rows:
            for repeat in range(count):
                index += 1
                strides = 1 if repeat or (small_stem and stage == 2) else first
                x = InvertedResidual(
                    divisible(maps * width),
                    strides=strides,
                    expansion=expansion,
                    norm=choice,
                    padding=padding,
                    name=f"stage{stage}_block{index}",
                ).inline(x)
        x = tap(x, f"stage{stage}")
    x = conv(x, divisible(1280 * max(width, 1.0)), 1, activation="relu6", norm=choice, name="last")  # (7, 7, 1280)
    return keras.Model(image, pooled_classifier(x, classes, dropout), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"mobilenet_v2": mobilenet_v2}
