"""The gated activation of PixelCNN and WaveNet."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class GatedActivation(keras.layers.Layer):
    """tanh(a) sigmoid(b), where a are the first half of the channels and b the others.

    Shapes: (..., 2 C) to (..., C).
    Raises InputError where the channels have no halves.
    Source: van den Oord et al. 2016, *WaveNet*, equation 2.
    """

    def build(self, input_shape: Any) -> None:
        """Create nothing."""
        self.compute_output_shape(input_shape)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Multiply what is answered by its gate."""
        # TensorFlow's gradient of a split is a concatenation; that of a slice takes several times as long.
        answer, gate = ops.split(inputs, 2, axis=-1)
        return ops.tanh(answer) * ops.sigmoid(gate)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(..., C)."""
        if input_shape[-1] % 2:
            raise InputError(f"a gated activation halves its channels, got {input_shape[-1]}")
        return *input_shape[:-1], input_shape[-1] // 2

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: activations are not counted."""
        return 0
