"""Some of the maps of a tensor, as a layer: what a network that treats halves of its maps differently splits with."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class ChannelSlice(keras.layers.Layer):
    """The maps from `begin` up to, but not, `end`.

    Shapes: (N, ..., C) to (N, ..., end - begin).
    Raises InputError where there are no such maps.
    Source: Ma, Zhang, Zheng, Sun 2018 (ShuffleNetV2), figure 3: channel split.
    """

    def __init__(self, begin: int, end: int, **kwargs: Any):
        super().__init__(**kwargs)
        if not 0 <= begin < end:
            raise InputError(f"begin must be at least 0 and below end, got {begin} and {end}")
        self.begin = begin
        self.end = end

    def build(self, input_shape: Any) -> None:
        """Create nothing; refuse to take maps that are not there."""
        if self.end > input_shape[-1]:
            raise InputError(f"end must be at most the number of maps, got {self.end} for {input_shape[-1]}")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Cut. TensorFlow's gradient of a split is a concatenation, several times faster than that of a slice."""
        _, kept, _ = ops.split(inputs, [self.begin, self.end], axis=-1)
        return kept

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape with end - begin maps."""
        return (*input_shape[:-1], self.end - self.begin)

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: numbers are only moved."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "begin": self.begin, "end": self.end}
