"""The transition between two dense blocks of DenseNet: fewer maps, of half the size."""

from typing import Any

import keras
from keras import layers

from kcnn.layers.block import BATCH, Block, Norm, act, conv, normalised


@keras.saving.register_keras_serializable(package="kcnn")
class Transition(Block):
    """Normalisation, ReLU, 1x1 convolution to floor(compression x C) maps, mean over 2x2.

    `dropout` follows the convolution.
    Shapes: (N, H, W, C) to (N, H // 2, W // 2, floor(compression x C)).
    Source: Huang, Liu, van der Maaten, Weinberger 2017, section 3, "Pooling layers" and "Compression".
    """

    arguments = ("compression", "norm", "dropout")

    def __init__(self, compression: float = 0.5, norm: Norm = BATCH, dropout: float = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.compression = compression
        self.norm = norm
        self.dropout = dropout

    def inline(self, x: Any) -> Any:
        """Narrow, then halve."""
        name = self.name
        x = act(normalised(x, self.norm, name), "relu", name)
        x = conv(x, int(self.compression * x.shape[-1]), 1, activation=None, use_bias=False, name=name)
        if self.dropout:
            x = layers.Dropout(self.dropout, name=f"{name}_dropout")(x)
        return layers.AveragePooling2D(2, name=f"{name}_pool")(x)
