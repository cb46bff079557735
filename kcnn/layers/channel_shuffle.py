"""Channel shuffle: maps of different groups are interleaved, so that the next grouped layer mixes them."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class ChannelShuffle(keras.layers.Layer):
    """The maps, seen as `groups` rows of C / groups, read column by column.

    Shapes: (N, H, W, C) to the same.
    Raises InputError where the groups do not divide the maps.
    Source: Zhang, Zhou, Lin, Sun 2018 (ShuffleNet), figure 1.
    """

    def __init__(self, groups: int = 2, **kwargs: Any):
        super().__init__(**kwargs)
        self.groups = groups

    def build(self, input_shape: Any) -> None:
        """Create nothing; refuse maps that cannot be dealt out evenly."""
        if input_shape[-1] % self.groups:
            raise InputError(f"groups must divide the maps, got {self.groups} for {input_shape[-1]}")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Interleave."""
        _, height, width, _ = ops.shape(inputs)
        channels = inputs.shape[-1]
        x = ops.reshape(inputs, (-1, height, width, self.groups, channels // self.groups))
        return ops.reshape(ops.swapaxes(x, -1, -2), (-1, height, width, channels))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: numbers are only moved."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "groups": self.groups}
