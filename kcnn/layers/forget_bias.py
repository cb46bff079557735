"""The first biases of an LSTM."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kcnn")
class ForgetBias(keras.initializers.Initializer):
    """`value` for the forget gates, 0 for the other gates: what an LSTM remembers at first.

    Shapes: (4 units,), the gates in Keras's order: input, forget, cell, output. (Keras's `unit_forget_bias` is the
    value 1.)
    Source: Jozefowicz, Zaremba, Sutskever 2015, *An Empirical Exploration of Recurrent Network Architectures*.
    """

    def __init__(self, value: float = 1.0):
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """The biases."""
        return ops.repeat(ops.convert_to_tensor([0.0, self.value, 0.0, 0.0], dtype or "float32"), shape[0] // 4)

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {"value": self.value}
