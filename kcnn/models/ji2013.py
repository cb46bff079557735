"""The first 3-D convolutional network for actions: Ji, Xu, Yang, Yu 2013, figure 3."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import ChannelSlice, FramesAsMaps, FrameSlice, MotionChannels, TrainableSubsampling
from kcnn.layers.block import act
from kcnn.models.parts import tap


def ji2013(input_shape: Sequence[int], classes: int, name: str) -> keras.Model:
    """Clips (N, T, H, W, C) to logits (N, classes); the paper's are 7 grey frames of 60x40.

    H1 is hard-wired: grey, gradients and optical flow, 33 maps in five channels. C2 and C4 convolve each channel by
    itself, C2 with two filters, C4 each of these two sets with three. Subsampling has a coefficient and a bias a map.
    C6 sees all 78 maps, time and channels are joined there alone; its kernel is as large as what is left of the
    picture. Convolutions end in the paper's tanh.

    The paper counts 295,458 trainable parameters. The layers have so many (C2 1,480, S3 92, C4 3,810, S5 156, C6
    289,536, output 384) with a bias for each of the 128 x 78 connections of C6, and none in the output. Of the 78
    biases of a map only the sum matters: here it is one, and there are 77 x 128 = 9,856 parameters less. (The paper's
    regularisation, by features that the network has to answer besides, and its combination of several networks are
    left out.)

    Taps: `stem`, H1; `features`, the 78 maps of S5; `pooled`, C6; `logits`.
    """
    clip = layers.Input(input_shape, name="clip")  # (7, 60, 40, 1)
    x = tap(MotionChannels(name="h1")(clip), "stem")  # (33, 60, 40, 1)
    maps, begin = [], 0
    for channel, frames in _channels(input_shape[0]).items():
        y = FrameSlice(begin, begin + frames, name=f"{channel}_h1")(x)  # (7, 60, 40, 1), of the flow (6, 60, 40, 1)
        y = act(layers.Conv3D(2, (3, 7, 7), name=f"{channel}_c2")(y), "tanh", f"{channel}_c2")  # (5, 54, 34, 2)
        y = TrainableSubsampling(2, name=f"{channel}_s3")(y)  # (5, 27, 17, 2)
        sets = [_convolved(y, number, name=f"{channel}_c4_{number + 1}") for number in range(2)]
        y = act(layers.Concatenate(name=f"{channel}_c4")(sets), "tanh", f"{channel}_c4")  # (3, 21, 12, 6)
        y = TrainableSubsampling(3, name=f"{channel}_s5")(y)  # (3, 7, 4, 6)
        maps.append(FramesAsMaps(name=f"{channel}_maps")(y))  # (7, 4, 18)
        begin += frames
    x = layers.Concatenate(name="features")(maps)  # (7, 4, 78)
    x = act(layers.Conv2D(128, x.shape[1:3], name="c6")(x), "tanh", "c6")  # (1, 1, 128)
    x = tap(layers.Flatten(name="flatten")(x), "pooled")  # 128
    return keras.Model(clip, layers.Dense(classes, use_bias=False, dtype="float32", name="logits")(x), name=name)


def _channels(frames: int) -> dict[str, int]:
    """The maps of each channel of H1: flow is that of two frames."""
    return {"grey": frames, "gradx": frames, "grady": frames, "flowx": frames - 1, "flowy": frames - 1}


def _convolved(x: Any, number: int, *, name: str) -> Any:
    """Three maps of the set of that number: (N, 5, 27, 17, 2) to (N, 3, 21, 12, 3)."""
    x = ChannelSlice(number, number + 1, name=f"{name}_set")(x)
    return layers.Conv3D(3, (3, 7, 6), name=f"{name}_conv")(x)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"ji2013": ji2013}
