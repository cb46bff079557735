"""The temporal convolutional network: Bai, Kolter, Koltun 2018, figure 1. Causal, dilated, residual."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
from keras import initializers, layers

from kcnn.layers import CausalConv1D, TemporalSubsampling, WeightNorm
from kcnn.layers.block import act
from kcnn.models.parts import sequence_classifier, tap

First = Callable[[], initializers.Initializer]
"""Makes what draws first weights. One that exists already has drawn its seed, in whichever run came first."""


@dataclass(frozen=True)
class Form:
    """Where the paper and its authors' code disagree: what dropout leaves out, and the first weights.

    Weights begin as N(0, 0.01) (the paper's appendix A.1), which is read as mean and variance: a standard deviation of
    0.1. The filters behind the weight normalisation do so, too, and their gains begin as their lengths. The authors'
    code draws with a standard deviation of 0.01, but there PyTorch's weight normalisation replaces what was drawn by
    what its layer began with, U(-a, a) with a = 1 / sqrt(k c) for k steps of c maps. The last layer begins so, too, in
    their networks of music and pixels. Biases, which PyTorch draws, begin at 0 here.
    """

    drop: type[layers.Layer]
    filters: First
    shortcut: First


FORMS = {
    None: Form(
        layers.SpatialDropout1D,
        partial(initializers.RandomNormal, stddev=0.1),
        partial(initializers.RandomNormal, stddev=0.1),
    ),
    "locuslab": Form(
        layers.Dropout,
        partial(initializers.VarianceScaling, 1 / 3, "fan_in", "uniform"),
        partial(initializers.RandomNormal, stddev=0.01),
    ),
}


def tcn(
    input_shape: Sequence[int | None],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    filters: int = 24,
    levels: int = 8,
    kernel: int = 8,
    dropout: float = 0.0,
    answer: str = "last",
) -> keras.Model:
    """Series (N, T, channels) to logits (N, classes) at the last step, or (N, T, classes) at every step.

    The answer at a step depends on it and on the 2 (kernel - 1) (2^levels - 1) steps before; T may be None.

    What is read at the last step alone needs of the level of dilation d only the steps T - 1, T - 1 - d, ... So there
    each level computes no other steps: its dilation is 1 on what the level below has kept, and its second convolution
    has a stride of 2. It is the same function of the same weights, with 3 T places of convolution instead of
    2 levels T, for 8 levels 5 times fewer. A dilated network that is read at its end is a strided residual network.

    Dropout is of whole channels, as the paper says; with `like="locuslab"`, the authors' code, of single numbers, and
    the first weights are its.

    Taps: `stage1` to `stageN`, the levels; `features`; `pooled`, the last step, where only that is answered; `logits`.
    """
    form = FORMS[like]
    series = x = layers.Input(input_shape, name="series")  # (600, 2)
    for stage in range(1, levels + 1):
        # (300, 24), (150, 24) to (3, 24) for the last step; (600, 24) for every step
        step, gap = (2, 1) if answer == "last" else (1, 2 ** (stage - 1))
        x = residual(x, filters, kernel, dropout, step, gap, form, name=f"stage{stage}_block1")
        x = tap(x, f"stage{stage}")
    return keras.Model(series, sequence_classifier(x, classes, answer, form.filters()), name=name)


def residual(
    x: Any, filters: int, kernel: int, dropout: float, strides: int, dilation: int, form: Form, *, name: str
) -> Any:
    """Twice convolution, ReLU and dropout; what went in is added: (N, T, C) to (N, T', filters)."""
    y = x
    for part, step in (("a", 1), ("b", strides)):
        first = form.filters()
        convolution = CausalConv1D(filters, kernel, step, dilation, kernel_initializer=first, name="conv")
        y = WeightNorm(convolution, name=f"{name}_{part}_conv")(y)
        y = act(y, "relu", f"{name}_{part}")
        if dropout:
            y = form.drop(dropout, name=f"{name}_{part}_dropout")(y)
    if x.shape[-1] != filters:
        first = form.shortcut()
        x = CausalConv1D(filters, 1, strides, kernel_initializer=first, name=f"{name}_shortcut_conv")(x)
    elif strides > 1:
        x = TemporalSubsampling(strides, name=f"{name}_shortcut")(x)
    return act(layers.Add(name=f"{name}_add")([y, x]), "relu", name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"tcn": tcn}
