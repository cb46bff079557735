"""A clip as one picture: each map of each frame becomes a map of it."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kcnn")
class FramesAsMaps(keras.layers.Layer):
    """The maps of all frames side by side, those of the first frame first: what is convolved next sees them all.

    Shapes: (N, T, H, W, C) to (N, H, W, T C). No parameters.
    Source: Ji, Xu, Yang, Yu 2013, layer C6.
    """

    def build(self, input_shape: Any) -> None:
        """Create nothing."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Bring time to the maps."""
        _, frames, height, width, channels = inputs.shape
        return ops.reshape(ops.transpose(inputs, (0, 2, 3, 1, 4)), (-1, height, width, frames * channels))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, H, W, T C)."""
        count, frames, height, width, channels = input_shape
        return count, height, width, frames * channels

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: numbers are only moved."""
        return 0
