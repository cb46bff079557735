"""The unit of ShuffleNetV2: half of the maps pass by, the other half is worked on, and they are shuffled."""

from typing import Any

import keras
from keras import layers

from kcnn.errors import InputError
from kcnn.layers.block import BATCH, Block, Norm, conv, depthwise
from kcnn.layers.channel_shuffle import ChannelShuffle
from kcnn.layers.channel_slice import ChannelSlice


@keras.saving.register_keras_serializable(package="kcnn")
class ShuffleUnit(Block):
    """With `strides` 1 half of the maps is left as it is; with 2 all are worked on twice, at half the size.

    Work is a 1x1 convolution, a 3x3 depthwise one without activation, a 1x1 convolution; the branch beside it,
    where there is one, lacks the first. The two halves are joined and shuffled.
    Shapes: (N, H, W, C) to (N, ceil(H / strides), ceil(W / strides), filters).
    Raises InputError where the filters are odd, or strides are 1 and the maps change.
    Source: Ma, Zhang, Zheng, Sun 2018, figure 3 (c) and (d).
    """

    arguments = ("filters", "strides", "norm")

    def __init__(self, filters: int, strides: int = 1, norm: Norm = BATCH, **kwargs: Any):
        super().__init__(**kwargs)
        if filters % 2:
            raise InputError(f"filters must be even, got {filters}")
        self.filters = filters
        self.strides = strides
        self.norm = norm

    def inline(self, x: Any) -> Any:
        """Split or copy, work, join, shuffle."""
        name, half, maps = self.name, self.filters // 2, x.shape[-1]
        if self.strides > 1:
            beside = depthwise(x, 3, self.strides, activation=None, norm=self.norm, name=f"{name}_beside_depthwise")
            beside = conv(beside, half, 1, norm=self.norm, name=f"{name}_beside_project")
        elif maps != self.filters:
            raise InputError(f"with strides 1 the maps stay as many as they are: {maps}, got filters {self.filters}")
        else:
            beside = ChannelSlice(0, half, name=f"{name}_beside")(x)
            x = ChannelSlice(half, maps, name=f"{name}_worked")(x)
        x = conv(x, half, 1, norm=self.norm, name=f"{name}_expand")
        x = depthwise(x, 3, self.strides, activation=None, norm=self.norm, name=f"{name}_depthwise")
        x = conv(x, half, 1, norm=self.norm, name=f"{name}_project")
        x = layers.Concatenate(name=f"{name}_concat")([beside, x])
        return ChannelShuffle(2, name=f"{name}_shuffle")(x)
