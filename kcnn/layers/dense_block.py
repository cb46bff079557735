"""The dense block of DenseNet: every layer sees the maps of all layers before it."""

from typing import Any

import keras
from keras import layers

from kcnn.layers.block import BATCH, Block, Norm, act, conv, normalised


@keras.saving.register_keras_serializable(package="kcnn")
class DenseBlock(Block):
    """`depth` layers, each of which adds `growth` maps to those it was given.

    A layer is normalisation, ReLU, 3x3 convolution; before them, where `bottleneck` is not 0, normalisation, ReLU
    and a 1x1 convolution to `bottleneck` x `growth` maps (DenseNet-B). `dropout` follows each convolution.
    Shapes: (N, H, W, C) to (N, H, W, C + depth x growth).
    Source: Huang, Liu, van der Maaten, Weinberger 2017, section 3 (dropout: section 4.2).
    """

    arguments = ("depth", "growth", "bottleneck", "norm", "dropout")

    def __init__(
        self, depth: int, growth: int, bottleneck: int = 0, norm: Norm = BATCH, dropout: float = 0.0, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.depth = depth
        self.growth = growth
        self.bottleneck = bottleneck
        self.norm = norm
        self.dropout = dropout

    def inline(self, x: Any) -> Any:
        """Layer after layer, each joined to its input."""
        for index in range(1, self.depth + 1):
            name = f"{self.name}_layer{index}"
            new = x
            if self.bottleneck:
                new = self._layer(new, self.bottleneck * self.growth, 1, f"{name}_bottleneck")
            new = self._layer(new, self.growth, 3, f"{name}_growth")
            x = layers.Concatenate(name=f"{name}_concat")([x, new])
        return x

    def _layer(self, x: Any, filters: int, kernel: int, name: str) -> Any:
        x = act(normalised(x, self.norm, name), "relu", name)
        x = conv(x, filters, kernel, activation=None, use_bias=False, name=name)
        return layers.Dropout(self.dropout, name=f"{name}_dropout")(x) if self.dropout else x
