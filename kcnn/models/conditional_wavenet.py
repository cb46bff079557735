"""WaveNet for series that condition one another: Borovykh, Bohte, Oosterlee 2017. Causal, dilated, ReLU."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import ChannelSlice, GroupedCausalConv1D, GroupSum
from kcnn.layers.block import act, he_normal
from kcnn.models.parts import tap


def conditional_wavenet(
    input_shape: Sequence[int | None],
    classes: int,
    name: str,
    *,
    conditional: bool = True,
    filters: int = 16,
    levels: int = 4,
) -> keras.Model:
    """Series (N, T, channels) to the next value of the first `classes` of them, (N, T, classes), at every step.

    The paper's: convolutions of width 2 with dilations 1, 2, 4, ... and ReLU in place of WaveNet's gates. The first
    level looks at each series by itself, by a convolution and, beside it, a skip connection with weights, which is a
    convolution of width 1; what comes of all series is added, so that each is a condition of the target. Every
    further level adds its input to its output, and a linear convolution of width 1 answers. Weights begin as He's.
    With `conditional=False` the target is seen alone.

    Ours: every target has a network of that form, all in one graph, in which their maps lie beside one another and do
    not meet. So several series condition one another, and forecasts of all can be fed back. Padding is of zeros.

    The answer at a step depends on it and on the 2^levels - 1 steps before; T may be None.

    Taps: `stage1` to `stageN`, the levels; `features`; `logits`, the answer, float32 under any precision.
    """
    series = x = layers.Input(input_shape, name="series")  # (128, 8)
    channels = int(input_shape[-1] or 0)
    seen = channels if conditional else classes
    if seen != channels:
        x = ChannelSlice(0, classes, name="targets")(x)
    width = classes * filters
    x = _level(x, (width * seen if conditional else width), seen, 1, skip=True, name="stage1_block1")  # (128, 1024)
    if conditional:
        x = GroupSum(seen, name="stage1_block1_sum")(x)  # (128, 128)
    x = tap(x, "stage1")
    for level in range(2, levels + 1):
        x = _level(x, width, classes, 2 ** (level - 1), skip=False, name=f"stage{level}_block1")  # (128, 128)
        x = tap(x, f"stage{level}")
    x = tap(x, "features")
    return keras.Model(series, _convolution(x, classes, 1, classes, dtype="float32", name="logits"), name=name)


def _level(x: Any, filters: int, groups: int, dilation: int, *, skip: bool, name: str) -> Any:
    """Convolution and ReLU, and the input added, through weights and ReLU where `skip` says so: (N, T, filters)."""
    y = act(_convolution(x, filters, 2, groups, dilation, name=f"{name}_conv"), "relu", name)
    if skip:
        x = act(_convolution(x, filters, 1, groups, name=f"{name}_skip_conv"), "relu", f"{name}_skip")
    return layers.Add(name=f"{name}_add")([y, x])


def _convolution(x: Any, filters: int, kernel: int, groups: int, dilation: int = 1, **options: Any) -> Any:
    return GroupedCausalConv1D(filters, kernel, groups, dilation, kernel_initializer=he_normal(), **options)(x)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"conditional_wavenet": conditional_wavenet}
