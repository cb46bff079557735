"""Two networks of 3-D convolutions, for the whole and for a part: in the spirit of Huang, Zhou, Zhang, Li, Li 2018."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import MovingCrop, TemporalPooling
from kcnn.layers.block import Norm, conv_3d
from kcnn.models.parts import logits, norm_choice, tap


def two_stream_3d(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    filters: int = 16,
    norm: str = "batch",
    dropout: float = 0.0,
) -> keras.Model:
    """Clips (N, T, H, W, C) to logits (N, classes).

    The global stream sees the whole picture at half the resolution, the local one a window of half the height and width
    at the full one: that in which most moves, the same in all frames. Each is a small 3-D network of its own. Their
    maps are joined; of each map the mean over the picture is taken, and of that the maximum over time.

    In the paper two streams of convolutions make features of a video of sign language, and a hierarchical attention
    network makes sentences of them: so says its abstract, which is all of it that was read for this. That the streams
    are 3-D, one global, one local for the hands, is how others describe it. Nothing else here claims to be the paper's:
    the window that moves stands for a detector of hands, filters and layers are those of `c3d_small`, and in place of
    attention there is pooling over time and a classifier.

    Taps: `features`, the maps of both streams; `pooled`; `logits`.
    """
    choice = norm_choice(norm)
    _, height, width, _ = input_shape
    clip = layers.Input(input_shape, name="clip")  # (16, 32, 32, 1)
    whole = layers.AveragePooling3D((1, 2, 2), name="global0_half")(clip)  # (16, 16, 16, 1)
    part = MovingCrop(height // 2, width // 2, name="local0_window")(clip)  # (16, 16, 16, 1)
    streams = [stream(whole, filters, choice, name="global"), stream(part, filters, choice, name="local")]
    x = layers.Concatenate(name="features")(streams)  # (8, 4, 4, 128)
    _, frames, rows, columns, maps = x.shape
    x = layers.AveragePooling3D((1, rows, columns), name="pool_picture")(x)  # (8, 1, 1, 128)
    x = layers.Reshape((frames, maps), name="pool_shape")(x)  # (8, 128)
    x = tap(TemporalPooling("max", name="pool_time")(x), "pooled")  # 128
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(clip, logits(x, classes), name=name)


def stream(x: Any, filters: int, choice: Norm, *, name: str) -> Any:
    """Three 3x3x3 convolutions with pooling between them: (N, T, H, W, C) to (N, T / 2, H / 4, W / 4, 4 filters)."""
    for layer, (width, pool) in enumerate(((filters, (1, 2, 2)), (2 * filters, 2), (4 * filters, None)), 1):
        x = conv_3d(x, width, 3, norm=choice, name=f"{name}{layer}")
        if pool:
            x = layers.MaxPooling3D(pool, name=f"{name}{layer}_pool")(x)  # (16, 8, 8, 16), (8, 4, 4, 32)
    return x


BUILDERS: dict[str, Callable[..., keras.Model]] = {"two_stream_3d": two_stream_3d}
