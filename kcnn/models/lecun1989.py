"""The first convolutional network trained by gradient: LeCun et al. 1989, "Backpropagation Applied to Handwritten
Zip Code Recognition", figure 3. 9,760 parameters, 64,660 connections.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import BackgroundPadding2D, PartialConnectionConv2D, ScaledTanh, UnsharedBias
from kcnn.models.lenet import uniform
from kcnn.models.parts import tap

# Which of the 12 maps of H1 (rows) each map of H2 sees (columns): 8, as the paper says; which, it does not say.
# Here a third of H2 sees the first 8, a third the last 8, a third the first and last 4.
H2_TABLE = [
    [row not in hidden for hidden in (range(8, 12), range(0, 4), range(4, 8)) for _ in range(4)] for row in range(12)
]


def unshared(x: Any, table: Sequence[Sequence[bool]], *, name: str) -> Any:
    """Half the size: 5x5 weights shared over the map, a bias for each unit, the background -1 around it, tanh."""
    x = BackgroundPadding2D(2, -1.0, name=f"{name}_background")(x)
    x = PartialConnectionConv2D(table, 5, strides=2, use_bias=False, name=name)(x)
    return ScaledTanh(name=f"{name}_tanh")(UnsharedBias(name=f"{name}_bias")(x))


def lecun1989(input_shape: Sequence[int], classes: int, name: str) -> keras.Model:
    """The network as published, for pixels from -1 (background) to 1.

    The paper's output units are squashed and compared with +-1; here `logits` are their sums before that.
    """
    image = layers.Input(input_shape, name="image")  # (16, 16, 1)
    full = [[True] * 12] * input_shape[-1]
    x = tap(tap(unshared(image, full, name="h1"), "stem"), "stage1")  # (8, 8, 12)
    x = tap(tap(unshared(x, H2_TABLE, name="h2"), "stage2"), "features")  # (4, 4, 12)
    x = layers.Flatten(name="flatten")(x)  # 192
    h3 = layers.Dense(30, kernel_initializer=uniform(x.shape[-1]), name="h3")
    x = tap(ScaledTanh(name="h3_tanh")(h3(x)), "pooled")  # 30
    output = layers.Dense(classes, kernel_initializer=uniform(30), dtype="float32", name="logits")
    return keras.Model(image, output(x), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"lecun1989": lecun1989}
