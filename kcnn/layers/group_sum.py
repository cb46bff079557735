"""Maps of several sources added up, as a layer."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class GroupSum(keras.layers.Layer):
    """The sum of the `groups` runs of equal length in which the channels lie.

    Shapes: (N, T, C) to (N, T, C / groups); T may be None. No parameters.
    Raises InputError where the groups do not divide the channels.
    """

    def __init__(self, groups: int, **kwargs: Any):
        super().__init__(**kwargs)
        if groups < 1:
            raise InputError(f"groups must be at least 1, got {groups}")
        self.groups = groups

    def build(self, input_shape: Any) -> None:
        """Create nothing; refuse what cannot be divided."""
        if input_shape[-1] % self.groups:
            raise InputError(f"groups must divide the channels, got {self.groups} for {input_shape[-1]}")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Add."""
        runs = (-1, ops.shape(inputs)[1], self.groups, inputs.shape[-1] // self.groups)
        return ops.sum(ops.reshape(inputs, runs), axis=2)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's, with the channels of one run."""
        return *input_shape[:-1], input_shape[-1] // self.groups

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: sums are not counted."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "groups": self.groups}
