"""LeNet-5: LeCun, Bottou, Bengio, Haffner 1998, section II-B; as taught today, and as published."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from kcnn.layers import PartialConnectionConv2D, RBFOutput, ScaledTanh, TrainableSubsampling
from kcnn.layers.rbf_output import random_codes
from kcnn.models.parts import logits, tap

# Table I of the paper: column j marks the maps of S2 (rows) that map j of C3 sees.
C3_TABLE = """
X . . . X X X . . X X X X . X X
X X . . . X X X . . X X X X . X
X X X . . . X X X . . X . X X X
. X X X . . X X X X . . X . X X
. . X X X . . X X X X . X X . X
. . . X X X . . X X X X . X X X
"""

# A picture of 7 x 12 for each digit, drawn in the manner of figure 3 (not a copy of it dot by dot).
DIGITS = """
..###.. ...##.. .#####. .#####. ....##. ####### ..####. ####### .#####. .#####.
.##.##. ..###.. ##...## ##...## ...###. ##..... .##.... .....## ##...## ##...##
##...## .####.. ##...## .....## ..####. ##..... ##..... .....## ##...## ##...##
##...## ...##.. .....## .....## .##.##. ######. ##..... ....##. ##...## ##...##
##...## ...##.. ....##. ..####. ##..##. ##...## ######. ....##. .#####. ##...##
##...## ...##.. ...##.. .....## ##..##. .....## ##...## ...##.. ##...## .######
##...## ...##.. ..##... .....## ####### .....## ##...## ...##.. ##...## .....##
##...## ...##.. .##.... .....## ....##. .....## ##...## ..##... ##...## .....##
.##.##. ...##.. ##..... ##...## ....##. ##...## ##...## ..##... ##...## ....##.
..###.. .###### ####### .#####. ....##. .#####. .#####. ..##... .#####. .####..
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
"""


def c3_table() -> list[list[bool]]:
    """Table I: 6 rows (maps of S2) of 16 (maps of C3)."""
    return [[mark == "X" for mark in row.split()] for row in C3_TABLE.split("\n") if row]


def output_codes(classes: int) -> np.ndarray:
    """(classes, 84) of +1 (ink) and -1: the pictures of the digits for 10 classes, else random codes.

    Random codes, fixed by a seed, are the paper's other choice (section II-B).
    """
    if classes != 10:
        return random_codes(classes, 84)
    pictures = np.array([[list(digit) for digit in row.split()] for row in DIGITS.split("\n") if row])
    return np.where(pictures.swapaxes(0, 1).reshape(10, 84) == "#", 1, -1)


def uniform(fan_in: int) -> Any:
    """Initial weights uniform in +-2.4 / fan-in (appendix A)."""
    return keras.initializers.RandomUniform(-2.4 / fan_in, 2.4 / fan_in)


def lenet5(input_shape: Sequence[int], classes: int, name: str, *, activation: str = "relu") -> keras.Model:
    """LeNet-5 as taught today: C3 sees every map, pooling takes the maximum, the output is a dense layer.

    `features` is S4, the last map with more than one place at 32x32. A larger image gives C5 several places,
    which are averaged.
    """
    image = layers.Input(input_shape, name="image")  # (32, 32, 1)
    x = tap(layers.Conv2D(6, 5, activation=activation, name="c1")(image), "stem")  # (28, 28, 6)
    x = tap(layers.MaxPooling2D(2, name="s2")(x), "stage1")  # (14, 14, 6)
    x = layers.Conv2D(16, 5, activation=activation, name="c3")(x)  # (10, 10, 16)
    x = tap(tap(layers.MaxPooling2D(2, name="s4")(x), "stage2"), "features")  # (5, 5, 16)
    x = layers.Conv2D(120, 5, activation=activation, name="c5")(x)  # (1, 1, 120)
    x = layers.GlobalAveragePooling2D(name="c5_mean")(x)  # 120
    x = tap(layers.Dense(84, activation=activation, name="f6")(x), "pooled")  # 84
    return keras.Model(image, logits(x, classes), name=name)


def lenet5_1998(input_shape: Sequence[int], classes: int, name: str) -> keras.Model:
    """LeNet-5 as published, 60,000 trainable parameters; taps and larger images as in `lenet5`.

    Every layer up to F6 is squashed, the subsampling too. The paper's images are -0.1 where white and 1.175
    where black, so that a pixel has mean 0 and variance 1.
    """
    image = layers.Input(input_shape, name="image")  # (32, 32, 1)
    c1 = layers.Conv2D(6, 5, kernel_initializer=uniform(25 * input_shape[-1]), name="c1")
    x = tap(ScaledTanh(name="c1_tanh")(c1(image)), "stem")  # (28, 28, 6)
    x = tap(ScaledTanh(name="s2_tanh")(TrainableSubsampling(name="s2")(x)), "stage1")  # (14, 14, 6)
    x = ScaledTanh(name="c3_tanh")(PartialConnectionConv2D(c3_table(), 5, name="c3")(x))  # (10, 10, 16)
    x = ScaledTanh(name="s4_tanh")(TrainableSubsampling(name="s4")(x))  # (5, 5, 16)
    x = tap(tap(x, "stage2"), "features")
    c5 = layers.Conv2D(120, 5, kernel_initializer=uniform(400), name="c5")
    x = ScaledTanh(name="c5_tanh")(c5(x))  # (1, 1, 120)
    x = layers.GlobalAveragePooling2D(name="c5_mean")(x)  # 120
    x = layers.Dense(84, kernel_initializer=uniform(120), name="f6")(x)
    x = tap(ScaledTanh(name="f6_tanh")(x), "pooled")  # 84 = 7 x 12
    return keras.Model(image, RBFOutput(output_codes(classes), dtype="float32", name="logits")(x), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"lenet5": lenet5, "lenet5_1998": lenet5_1998}
