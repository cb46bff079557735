"""The biases of LeCun's network of 1989: one for each unit, where the weights are shared."""

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="kcnn")
class UnsharedBias(keras.layers.Layer):
    """Adds to every number of a map its own trained number, which starts at 0.

    Shapes: (N, H, W, C) to the same. Trainable parameters: H x W x C.
    Source: LeCun et al. 1989, section 3: "units do not share their biases (thresholds)".
    """

    def build(self, input_shape: Any) -> None:
        """Create one number for each unit."""
        self.bias = self.add_weight(shape=input_shape[1:], initializer="zeros", name="bias")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Add."""
        return inputs + self.bias

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: biases are not counted."""
        return 0
