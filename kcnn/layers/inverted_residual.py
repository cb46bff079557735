"""The block of MobileNetV2 and EfficientNet: widen, filter each map, narrow; the shortcut joins the narrow ends."""

from typing import Any

import keras
from keras import layers

from kcnn.layers.block import BATCH, Block, Norm, conv, depthwise
from kcnn.layers.squeeze_excite import SqueezeExcite
from kcnn.layers.stochastic_depth import StochasticDepth


@keras.saving.register_keras_serializable(package="kcnn")
class InvertedResidual(Block):
    """1x1 convolution to `expansion` times the maps, depthwise convolution, 1x1 convolution without activation.

    There is a shortcut where nothing changes shape; `drop` is the rate at which it is all that an example gets in
    training. `squeeze` is the width of a squeeze-and-excitation after the depthwise convolution, 0 for none.
    Shapes: (N, H, W, C) to (N, ceil(H / strides), ceil(W / strides), filters).
    Sources: Sandler et al. 2018, table 1 and figure 3; with `squeeze`, Tan and Le 2019 (MBConv).
    """

    arguments = ("filters", "kernel_size", "strides", "expansion", "squeeze", "activation", "norm", "padding", "drop")

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        strides: int = 1,
        expansion: int = 6,
        squeeze: int = 0,
        activation: str = "relu6",
        norm: Norm = BATCH,
        padding: str = "symmetric",
        drop: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.expansion = expansion
        self.squeeze = squeeze
        self.activation = activation
        self.norm = norm
        self.padding = padding
        self.drop = drop

    def inline(self, x: Any) -> Any:
        """Widen, filter, narrow."""
        shortcut, name = x, self.name
        if self.expansion != 1:
            x = conv(
                x,
                self.expansion * x.shape[-1],
                1,
                activation=self.activation,
                norm=self.norm,
                name=f"{name}_expand",
            )
        x = depthwise(
            x,
            self.kernel_size,
            self.strides,
            activation=self.activation,
            norm=self.norm,
            padding=self.padding,
            name=f"{name}_depthwise",
        )
        if self.squeeze:
            x = SqueezeExcite(self.squeeze, self.activation, name=f"{name}_se").inline(x)
        x = conv(x, self.filters, 1, activation=None, norm=self.norm, name=f"{name}_project")
        if self.strides > 1 or shortcut.shape[-1] != self.filters:
            return x
        if self.drop:
            x = StochasticDepth(self.drop, name=f"{name}_drop")(x)
        return layers.Add(name=f"{name}_add")([shortcut, x])
