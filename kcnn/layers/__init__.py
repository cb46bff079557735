"""Layers that the papers need and Keras lacks; once this is imported, Keras loads models that hold them."""

from kcnn.layers.partial_connection import PartialConnectionConv2D
from kcnn.layers.rbf_output import RBFOutput
from kcnn.layers.scaled_tanh import ScaledTanh
from kcnn.layers.trainable_subsampling import TrainableSubsampling
from kcnn.layers.zero_pad_shortcut import ZeroPadShortcut

__all__ = ["PartialConnectionConv2D", "RBFOutput", "ScaledTanh", "TrainableSubsampling", "ZeroPadShortcut"]
