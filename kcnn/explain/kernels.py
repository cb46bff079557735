"""The kernels of the first convolution: the only ones that look at pixels."""

import keras
import numpy as np

from kcnn.errors import InputError
from kcnn.layers import PartialConnectionConv2D


def first_layer_kernels(model: keras.Model) -> np.ndarray:
    """(height, width, channels, filters) of the first layer whose kernel is larger than 1x1.

    Raises InputError for a model without one.
    """
    for layer in model.layers:
        if isinstance(layer, PartialConnectionConv2D):
            return keras.ops.convert_to_numpy(layer.dense_kernel())
        kernel = getattr(layer, "kernel", None)
        if kernel is not None and len(kernel.shape) == 4 and max(kernel.shape[:2]) > 1:
            return keras.ops.convert_to_numpy(kernel)
    raise InputError(f"model must have a layer with a kernel larger than 1x1, got {model.name}")
