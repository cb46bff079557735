"""Where time is joined: single frame, late, early and slow fusion. Karpathy et al. 2014, figure 1.

One network, that of AlexNet in one tower, for smaller pictures: in the paper's words C(96, 11, 3)-N-P-C(256, 5, 1)-N-P-
C(384, 3, 1)-C(384, 3, 1)-C(256, 3, 1)-P-FC(4096)-FC(4096). P is the maximum of windows of 2x2, which do not overlap, N
AlexNet's local response normalisation with a beta of 0.5. The four differ in the frames that go in, and in how many of
them a filter of the first three convolutions sees.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from kcnn.layers import ClipPadding, FrameSlice, LocalResponseNormalization
from kcnn.layers.block import conv_3d
from kcnn.models.parts import dense_classifier, divisible, tap

FILTERS = (96, 256, 384, 384, 256)

Windows = tuple[tuple[int, int], ...]
"""In time, of each of the first three convolutions: how many frames a filter sees, and its stride."""

ALONE: Windows = ((1, 1),) * 3


@dataclass(frozen=True)
class Fusion:
    """The frames that go in, of so many, and the windows of the first three convolutions in time."""

    frames: Callable[[int], range]
    windows: Callable[[int], Windows]


def slowly(frames: int) -> Windows:
    """The paper's windows of 4, 2 and 2 frames with strides of 2, which make 4, 2 and 1 of 10 frames.

    For other numbers one is added to the first or the second where else a frame would be left out, and the third sees
    all that is left: 16 frames become 7, 3 and 1 by windows of 4, 3 and 3.
    """
    windows, left = [], frames
    for shortest in (4, 2):
        window = shortest + left % 2
        windows.append((window, 2))
        left = (left - window) // 2 + 1
    return (*windows, (left, 2))


VARIANTS = {
    "single_frame": Fusion(lambda frames: range(frames // 2, frames // 2 + 1), lambda frames: ALONE),
    "late_fusion": Fusion(lambda frames: range(0, frames, frames - 1), lambda frames: ALONE),
    "early_fusion": Fusion(range, lambda frames: ((frames, 1), *ALONE[1:])),
    "slow_fusion": Fusion(range, slowly),
}


def karpathy(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    width: float = 1.0,
    units: int = 4096,
    dropout: float = 0.0,
    small_stem: bool = False,
) -> keras.Model:
    """Clips (N, T, H, W, C) to logits (N, classes); the network of the row `name` of VARIANTS.

    Of a clip the single-frame network sees the frame in the middle. Late fusion sees the first and the last, 15 apart
    in the paper, through the same filters; they meet in the first dense layer. Early fusion sees all in its first
    convolution, slow fusion in its third.

    `width` multiplies the filters (multiples of 8), `units` are the dense layers'. With a small stem the first layer is
    3x3 and keeps the size. Clips of 16 frames of 32x32 take `width=0.125 units=128 small_stem=true`.

    The paper's shorthand has neither padding nor dropout: padding is AlexNet's here, none in the first convolution and
    as much as keeps the size in the others, and 170x170 become 54, 27, 13 and 6 so. Weights start as He et al. 2015.

    Taps: `stem`, `stage1` and `stage2` behind the poolings; `features`; `pooled`, the last dense layer; `logits`.
    """
    fusion, frames = VARIANTS[name], input_shape[0]
    seen = fusion.frames(frames)
    f1, f2, f3, f4, f5 = (divisible(width * filters) for filters in FILTERS)
    first, second, third = fusion.windows(frames)
    clip = x = layers.Input(input_shape, name="clip")  # (10, 170, 170, 3)
    if len(seen) < frames:
        x = FrameSlice(seen.start, seen.stop, seen.step, name="frames")(clip)
    if small_stem:
        x = convolution(x, f1, 3, first, name="conv1")
    else:
        x = conv_3d(x, f1, (first[0], 11, 11), (first[1], 3, 3), padding="valid", name="conv1")
    x = tap(pooled(LocalResponseNormalization(beta=0.5, name="conv1_lrn")(x), "conv1"), "stem")  # (t, 27, 27, 96)
    x = convolution(x, f2, 5, second, name="conv2")
    x = tap(pooled(LocalResponseNormalization(beta=0.5, name="conv2_lrn")(x), "conv2"), "stage1")  # (t, 13, 13, 256)
    x = convolution(x, f3, 3, third, name="conv3")  # (1, 13, 13, 384), after late fusion's towers 2
    x = convolution(x, f4, 3, name="conv4")
    x = tap(pooled(convolution(x, f5, 3, name="conv5"), "conv5"), "stage2")  # (1, 6, 6, 256)
    return keras.Model(clip, dense_classifier(x, classes, dropout, units=units), name=name)


def convolution(x: Any, filters: int, kernel: int, window: tuple[int, int] = (1, 1), *, name: str) -> Any:
    """A convolution that keeps the size of the picture, with a window and a stride in time."""
    frames, strides = window
    x = ClipPadding((0, kernel // 2, kernel // 2), name=f"{name}_pad")(x)
    return conv_3d(x, filters, (frames, kernel, kernel), (strides, 1, 1), padding="valid", name=name)


def pooled(x: Any, name: str) -> Any:
    """The maximum of each 2x2 pixels of a frame."""
    return layers.MaxPooling3D((1, 2, 2), name=f"{name}_pool")(x)


BUILDERS: dict[str, Callable[..., keras.Model]] = dict.fromkeys(VARIANTS, karpathy)
