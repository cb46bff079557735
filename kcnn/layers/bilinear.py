"""Bilinear interpolation as the first weights of a transposed convolution."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import keras
import numpy as np
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class Bilinear(keras.initializers.Initializer):
    """Each filter interpolates its own channel; for TransposedConv2D and TransposedConv1D.

    A kernel of 2f - f % 2 taps with the stride f and the padding "same" makes maps f times as large, as bilinear
    resizing with half-pixel centres does; nearer than f places to the border the zeros beyond it are mixed in.

    Shapes: (*kernel_size, filters // groups, channels), with as many filters as channels.
    Raises InputError where the numbers of filters and channels differ within a group.
    Source: Long, Shelhamer, Darrell 2015, section 3.3.
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """The kernel: a triangle along each axis, at the channel that has the filter's place in its group."""
        *taps, filters, channels = shape
        if channels % filters:
            raise InputError(f"a bilinear kernel has as many filters as channels, got {filters} and {channels}")
        own = np.tile(np.eye(filters), channels // filters)  # (filters, channels)
        triangles = reduce(np.multiply.outer, map(_triangle, taps))
        return ops.convert_to_tensor(np.multiply.outer(triangles, own), dtype or keras.config.floatx())


def _triangle(taps: int) -> np.ndarray:
    """1 - |distance to the middle| / f, for a factor f of half the taps, rounded up."""
    factor = (taps + 1) // 2
    return 1 - np.abs(np.arange(taps) - (taps - 1) / 2) / factor
