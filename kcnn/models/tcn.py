"""The temporal convolutional network: Bai, Kolter, Koltun 2018, figure 1. Causal, dilated, residual."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import CausalConv1D, TemporalSubsampling, WeightNorm
from kcnn.layers.block import act
from kcnn.models.parts import sequence_classifier, tap

Dropout = tuple[type[keras.layers.Layer], float]
"""Which numbers are dropped, by the layer that does it, and how many of them."""


def tcn(
    input_shape: Sequence[int | None],
    classes: int,
    name: str,
    *,
    filters: int = 24,
    levels: int = 8,
    kernel: int = 8,
    dropout: float = 0.0,
    spatial: bool = True,
    answer: str = "last",
) -> keras.Model:
    """Series (N, T, channels) to logits (N, classes) at the last step, or (N, T, classes) at every step.

    The answer at a step depends on it and on the 2 (kernel - 1) (2^levels - 1) steps before; T may be None.

    What is read at the last step alone needs of the level of dilation d only the steps T - 1, T - 1 - d, ... So there
    each level computes no other steps: its dilation is 1 on what the level below has kept, and its second convolution
    has a stride of 2. It is the same function of the same weights, with 3 T places of convolution instead of
    2 levels T, for 8 levels 5 times fewer. A dilated network that is read at its end is a strided residual network.

    Dropout is of whole channels, as the paper says; with `spatial=False` of single numbers, as in the authors' code.

    Weights begin as N(0, 0.01) (the paper's appendix A.1), which is read as mean and variance: a standard deviation of
    0.1. The filters behind the weight normalisation do so, too, and their gains begin as their lengths. (The authors'
    code draws with a standard deviation of 0.01, but there PyTorch's weight normalisation replaces what was drawn by
    what its layer began with, of a standard deviation of 1 / sqrt(3 k c): 0.04 for 8 steps of 24 maps.)

    Taps: `stage1` to `stageN`, the levels; `features`; `pooled`, the last step, where only that is answered; `logits`.
    """
    series = x = layers.Input(input_shape, name="series")  # (600, 2)
    for stage in range(1, levels + 1):
        # (300, 24), (150, 24) to (3, 24) for the last step; (600, 24) for every step
        step, gap = (2, 1) if answer == "last" else (1, 2 ** (stage - 1))
        drop = layers.SpatialDropout1D if spatial else layers.Dropout
        x = residual(x, filters, kernel, (drop, dropout), step, gap, name=f"stage{stage}_block1")
        x = tap(x, f"stage{stage}")
    return keras.Model(series, sequence_classifier(x, classes, answer, small()), name=name)


def residual(x: Any, filters: int, kernel: int, dropout: Dropout, strides: int, dilation: int, *, name: str) -> Any:
    """Twice convolution, ReLU and dropout; what went in is added: (N, T, C) to (N, T', filters)."""
    drop, rate = dropout
    y = x
    for part, step in (("a", 1), ("b", strides)):
        convolution = CausalConv1D(filters, kernel, step, dilation, kernel_initializer=small(), name="conv")
        y = WeightNorm(convolution, name=f"{name}_{part}_conv")(y)
        y = act(y, "relu", f"{name}_{part}")
        if rate:
            y = drop(rate, name=f"{name}_{part}_dropout")(y)
    if x.shape[-1] != filters:
        x = CausalConv1D(filters, 1, strides, kernel_initializer=small(), name=f"{name}_shortcut_conv")(x)
    elif strides > 1:
        x = TemporalSubsampling(strides, name=f"{name}_shortcut")(x)
    return act(layers.Add(name=f"{name}_add")([y, x]), "relu", name)


def small() -> Any:
    """The paper's first weights."""
    return keras.initializers.RandomNormal(stddev=0.1)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"tcn": tcn}
