"""Zeros around clips, in front of a 3-D convolution."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kcnn")
class ClipPadding(keras.layers.ZeroPadding3D):
    """Keras's `ZeroPadding3D` by concatenation, which takes as long.

    TensorFlow 2.21 fuses a padding into a 3-D convolution although the gradient needs it, notices, gives up all fusions
    of the graph, and says so on the terminal (`remapper failed`).

    Shapes: (N, T, H, W, C) to (N, T + its padding, H + its, W + its, C).
    """

    def call(self, inputs: Any) -> Any:
        """Put zeros before and behind along each axis."""
        for axis, (before, behind) in enumerate(self.padding, start=1):
            first = inputs[(slice(None),) * axis + (slice(0, 1),)]
            zeros = [ops.zeros_like(ops.repeat(first, count, axis=axis)) for count in (before, behind)]
            if before or behind:
                inputs = ops.concatenate([zeros[0], inputs, zeros[1]], axis=axis)
        return inputs

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: zeros are only put there."""
        return 0
