"""Squeeze and excitation: every map is weighted by what all maps say about the whole image."""

from typing import Any

import keras
from keras import layers

from kcnn.layers.block import Block, act, he_normal


@keras.saving.register_keras_serializable(package="kcnn")
class SqueezeExcite(Block):
    """Each map times a number in 0..1 that two small layers compute from the means of all maps.

    `units` is the width of the first, `activation` its nonlinearity; the second ends in a sigmoid.
    Shapes: (N, H, W, C) to the same.
    Source: Hu, Shen, Sun 2018, figure 3; as 1x1 convolutions on one place, as EfficientNet has them.
    """

    arguments = ("units", "activation")

    def __init__(self, units: int, activation: str = "relu", **kwargs: Any):
        super().__init__(**kwargs)
        self.units = units
        self.activation = activation

    def inline(self, x: Any) -> Any:
        """Means, two layers, product."""
        gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{self.name}_squeeze")(x)  # (1, 1, C)
        gate = layers.Conv2D(self.units, 1, kernel_initializer=he_normal(), name=f"{self.name}_reduce")(gate)
        gate = act(gate, self.activation, f"{self.name}_reduce")
        gate = layers.Conv2D(x.shape[-1], 1, kernel_initializer=he_normal(), name=f"{self.name}_expand")(gate)
        return layers.Multiply(name=f"{self.name}_excite")([x, act(gate, "sigmoid", f"{self.name}_expand")])
