"""Padding for texts that are shorter than what reads them."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class WordPadding(keras.layers.Layer):
    """Zeros at the end of texts, where these have fewer than `least` words; longer ones are as they were.

    Shapes: (N, T) whole numbers to (N, max(T, least)), of the same type; T may be None. No parameters.
    Raises InputError where `least` is below 1.
    """

    def __init__(self, least: int, **kwargs: Any):
        super().__init__(**kwargs)
        if least < 1:
            raise InputError(f"least must be at least 1, got {least}")
        self.least = least

    def build(self, input_shape: Any) -> None:
        """Create nothing."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Append zeros, then cut off those that are not needed."""
        words = ops.shape(inputs)[1]
        kept = max(words, self.least) if isinstance(words, int) else ops.maximum(words, self.least)
        return ops.pad(inputs, [[0, 0], [0, self.least]])[:, :kept]

    def compute_output_spec(self, inputs: Any) -> Any:
        """As many words as there are, at least `least`, of their own type."""
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, max(T, least))."""
        count, words = input_shape
        return count, words and max(words, self.least)

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: padding is not counted."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "least": self.least}
