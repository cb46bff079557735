"""A vector for each word, and none for the padding."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kcnn")
class WordVectors(keras.layers.Embedding):
    """Keras's `Embedding`, where the vector of 0, the padding, is 0 whatever the weights are.

    A convolution meets the same beyond the end of a text as where a longer text of its batch goes on.

    Shapes: (N, T) whole numbers below `input_dim` to (N, T, output_dim).
    Source: Collobert et al. 2011, section 3.3; Kim 2014, whose code sets that vector back to 0 after each step.
    """

    def call(self, inputs: Any) -> Any:
        """Look them up."""
        vectors = super().call(inputs)
        return vectors * ops.cast(ops.not_equal(inputs, 0), vectors.dtype)[..., None]

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: looking up is not counted."""
        return 0
