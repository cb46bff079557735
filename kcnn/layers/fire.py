"""The fire module of SqueezeNet: few 1x1 filters squeeze, 1x1 and 3x3 filters expand."""

from typing import Any

import keras
from keras import layers

from kcnn.layers.block import Block, Norm, conv


@keras.saving.register_keras_serializable(package="kcnn")
class Fire(Block):
    """`squeeze` 1x1 filters, then `expand_ones` 1x1 and `expand_threes` 3x3 filters side by side.

    Shapes: (N, H, W, C) to (N, H, W, expand_ones + expand_threes).
    Source: Iandola et al. 2016, section 3.2 and figure 1.
    """

    arguments = ("squeeze", "expand_ones", "expand_threes", "norm")

    def __init__(self, squeeze: int, expand_ones: int, expand_threes: int, norm: Norm = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.squeeze = squeeze
        self.expand_ones = expand_ones
        self.expand_threes = expand_threes
        self.norm = norm

    def inline(self, x: Any) -> Any:
        """Squeeze, expand twice, join."""
        x = conv(x, self.squeeze, 1, norm=self.norm, name=f"{self.name}_squeeze")
        ones = conv(x, self.expand_ones, 1, norm=self.norm, name=f"{self.name}_expand1x1")
        threes = conv(x, self.expand_threes, 3, norm=self.norm, name=f"{self.name}_expand3x3")
        return layers.Concatenate(name=f"{self.name}_concat")([ones, threes])
