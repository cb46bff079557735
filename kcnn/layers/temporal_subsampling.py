"""Steps of a series at equal distances, counted from its end."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


def skipped_steps(steps: Any, strides: int) -> Any:
    """How many steps lie before the first that is kept, so that the last is kept, too."""
    return (steps - 1) % strides


def kept_steps(steps: int | None, strides: int) -> int | None:
    """How many steps are kept: every `strides`-th; of an unknown number an unknown one."""
    return None if steps is None else -(-steps // strides)


@keras.saving.register_keras_serializable(package="kcnn")
class TemporalSubsampling(keras.layers.Layer):
    """The steps T - 1, T - 1 - s, ... for strides of s, in order of time: what CausalConv1D with strides answers for.

    Shapes: (N, T, C) to (N, ceil(T / s), C); T may be None. No parameters.
    Raises InputError where `strides` is below 1.
    """

    def __init__(self, strides: int, **kwargs: Any):
        super().__init__(**kwargs)
        if strides < 1:
            raise InputError(f"strides must be at least 1, got {strides}")
        self.strides = strides

    def build(self, input_shape: Any) -> None:
        """Create nothing."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Lay `strides` steps side by side and take the last. TensorFlow's gradient of a slice takes much longer."""
        count, steps, channels = ops.shape(inputs)
        whole = ops.pad(inputs, [[0, 0], [-steps % self.strides, 0], [0, 0]])
        rows = ops.reshape(whole, (count, -1, self.strides * channels))
        return ops.split(rows, [(self.strides - 1) * channels], axis=-1)[1]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, ceil(T / strides), C)."""
        count, steps, channels = input_shape
        return count, kept_steps(steps, self.strides), channels

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: steps are left out."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "strides": self.strides}
