"""Labels as vectors."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class OneHot(keras.layers.Layer):
    """1 at the place of the label, 0 at the others.

    Shapes: (...), whole numbers from 0 below `classes`, to (..., classes), in the layer's precision.
    Raises InputError where `classes` is below 1.
    """

    def __init__(self, classes: int, **kwargs: Any):
        super().__init__(**kwargs)
        if classes < 1:
            raise InputError(f"classes must be at least 1, got {classes}")
        self.classes = classes

    def build(self, input_shape: Any) -> None:
        """Create nothing."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Compare with every class."""
        return ops.one_hot(ops.cast(inputs, "int32"), self.classes, dtype=self.compute_dtype)

    def compute_output_spec(self, inputs: Any) -> Any:
        """(..., classes), in the layer's precision, not in that of the labels."""
        return keras.KerasTensor((*inputs.shape, self.classes), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(..., classes)."""
        return *input_shape, self.classes

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "classes": self.classes}
