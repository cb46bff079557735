"""The squashing function of LeNet-5."""

from typing import Any

import keras
from keras import ops

AMPLITUDE = 1.7159  # A: with it f(1) = 1 and f(-1) = -1, so that the targets +-1 lie where f bends most
SLOPE = 2 / 3  # S


@keras.saving.register_keras_serializable(package="kcnn")
class ScaledTanh(keras.layers.Layer):
    """A tanh(S x) with A = 1.7159 and S = 2/3, for each number by itself.

    Shapes: any; the output has the input's.
    Source: LeCun, Bottou, Bengio, Haffner 1998, section II-B and appendix A.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Create nothing: the two constants are not trained."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Squash every number into (-A, A)."""
        return AMPLITUDE * ops.tanh(SLOPE * inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: activations are not counted."""
        return 0
