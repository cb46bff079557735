"""Residual networks of 3-D convolutions, R3D: Tran, Wang, Torresani, Ray, LeCun, Paluri 2018, table 1.

ResNet-18 with time: kernels of 3x3x3 for 3x3. The first layer halves the picture alone, the third to fifth stage halve
time with it. There is no pooling after the first layer. Torchvision's is the same network.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers.block import Norm, act, conv_3d, he_normal
from kcnn.models.parts import mean_classifier, norm_choice, tap

DEPTHS = {"r3d_18": (2, 2, 2, 2)}
"""Blocks in each stage."""


def block(x: Any, filters: int, strides: int, choice: Norm, *, name: str) -> Any:
    """Two 3x3x3 convolutions, the shortcut added before the last ReLU: 1x1x1 where the shape changes."""
    shortcut = x
    if strides > 1 or x.shape[-1] != filters:
        shortcut = conv_3d(x, filters, 1, strides, activation=None, norm=choice, name=f"{name}_shortcut")
    x = conv_3d(x, filters, 3, strides, norm=choice, name=f"{name}_a")
    x = conv_3d(x, filters, 3, activation=None, norm=choice, name=f"{name}_b")
    return act(layers.Add(name=f"{name}_add")([shortcut, x]), "relu", name)


def r3d(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    norm: str = "batch",
    dropout: float = 0.0,
) -> keras.Model:
    """Clips (N, T, H, W, C) to logits (N, classes); the network of the row `name` of DEPTHS.

    Taps: `stem`; `stage1` to `stage4`; `features`; `pooled`, the mean over time and picture; `logits`.
    """
    choice = norm_choice(norm)
    clip = layers.Input(input_shape, name="clip")  # (16, 112, 112, 3)
    x = tap(conv_3d(clip, 64, (3, 7, 7), (1, 2, 2), norm=choice, name="stem"), "stem")  # (16, 56, 56, 64)
    for stage, depth in enumerate(DEPTHS[name]):  # (16, 56, 56), (8, 28, 28), (4, 14, 14), (2, 7, 7)
        for index in range(depth):
            strides = 2 if stage > 0 and index == 0 else 1
            x = block(x, 64 * 2**stage, strides, choice, name=f"stage{stage + 1}_block{index + 1}")
        x = tap(x, f"stage{stage + 1}")
    return keras.Model(clip, mean_classifier(x, classes, dropout, he_normal()), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = dict.fromkeys(DEPTHS, r3d)
