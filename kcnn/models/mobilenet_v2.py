"""MobileNetV2: Sandler, Howard, Zhu, Zhmoginov, Chen 2018, table 2."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import keras
from keras import layers

from kcnn.layers import InvertedResidual
from kcnn.layers.block import conv
from kcnn.models.parts import divisible, mean_classifier, norm_choice, tap

# t (expansion), c (maps), n (blocks), s (stride of the first): the rows of table 2, by the size of their maps.
STAGES = (
    ((1, 16, 1, 1),),
    ((6, 24, 2, 2),),
    ((6, 32, 3, 2),),
    ((6, 64, 4, 2), (6, 96, 3, 1)),
    ((6, 160, 3, 2), (6, 320, 1, 1)),
)


@dataclass(frozen=True)
class Form:
    """What the paper does not say: padding, constants of normalisation, dropout.

    Padding and epsilon are those of the authors' code; its momentum, like Keras's, is for trainings of days.
    """

    padding: str = "same"
    epsilon: float = 1e-3
    momentum: float = 0.99
    dropout: float = 0.2


FORMS = {
    None: Form(),
    "keras": Form(momentum=0.999, dropout=0.0),
    "torchvision": Form("symmetric", 1e-5, 0.9),
}


def mobilenet_v2(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    norm: str = "batch",
    dropout: float | None = None,
    small_stem: bool = False,
    width: float = 1.0,
) -> keras.Model:
    """The network of table 2 with `width` times the maps, to multiples of 8; its last maps are never below 1280.

    A small stem keeps the size, and so does the stage after it.
    """
    form = FORMS[like]
    choice = norm_choice(norm, epsilon=form.epsilon, momentum=form.momentum)
    convolve = partial(conv, activation="relu6", norm=choice, padding=form.padding)
    block = partial(InvertedResidual, norm=choice, padding=form.padding)
    image = layers.Input(input_shape, name="image")  # (224, 224, 3)
    x = convolve(image, divisible(32 * width), 3, 1 if small_stem else 2, name="stem")
    x = tap(x, "stem")  # (112, 112, 32)
    for stage, rows in enumerate(STAGES, 1):  # (112, 112, 16), (56, 56, 24), (28, 28, 32), (14, 14, 96), (7, 7, 320)
        blocks = [(t, c, s if index == 0 else 1) for t, c, n, s in rows for index in range(n)]
        for index, (expansion, maps, first) in enumerate(blocks, 1):
            strides = 1 if small_stem and stage == 2 else first
            made = block(
                divisible(maps * width), strides=strides, expansion=expansion, name=f"stage{stage}_block{index}"
            )
            x = made.inline(x)
        x = tap(x, f"stage{stage}")
    x = convolve(x, divisible(1280 * max(width, 1.0)), 1, name="last")  # (7, 7, 1280)
    return keras.Model(image, mean_classifier(x, classes, form.dropout if dropout is None else dropout), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"mobilenet_v2": mobilenet_v2}
