"""A border of one value around every map: the "virtual background plane" of LeCun's network of 1989."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class BackgroundPadding2D(keras.layers.Layer):
    """`padding` rows and columns of `value` on every side.

    Shapes: (N, H, W, C) to (N, H + 2 padding, W + 2 padding, C).
    Raises InputError where the padding is negative.
    Source: LeCun et al. 1989, section 3, where the value is -1, that of the paper.
    """

    def __init__(self, padding: int, value: float = -1.0, **kwargs: Any):
        super().__init__(**kwargs)
        if padding < 0:
            raise InputError(f"padding must not be negative, got {padding}")
        self.padding = padding
        self.value = value

    def build(self, input_shape: Any) -> None:
        """Create nothing."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Pad."""
        both = (self.padding, self.padding)
        return ops.pad(inputs, ((0, 0), both, both, (0, 0)), constant_values=self.value)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, H + 2 padding, W + 2 padding, C)."""
        count, *sizes, channels = input_shape
        return count, *(size and size + 2 * self.padding for size in sizes), channels

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: numbers are only moved."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "padding": self.padding, "value": self.value}
