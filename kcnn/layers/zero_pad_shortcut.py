"""The shortcut without parameters, where a residual network halves its maps and widens (option A)."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class ZeroPadShortcut(keras.layers.Layer):
    """Every `strides`-th row and column of the input, with maps of zeros behind it up to `filters` maps.

    The paper does not say where the zeros go. Here they all go behind, as in fb.resnet.torch; others put half
    of them in front. The networks differ only in the order of their maps.

    Shapes: (N, H, W, C) to (N, ceil(H / strides), ceil(W / strides), filters). No parameters.
    Raises InputError where the input has more maps than `filters`.
    Source: He, Zhang, Ren, Sun 2015, sections 3.3 and 4.2, option A.
    """

    def __init__(self, filters: int, strides: int = 1, **kwargs: Any):
        super().__init__(**kwargs)
        if filters < 1 or strides < 1:
            raise InputError(f"filters and strides must be at least 1, got {filters} and {strides}")
        self.filters = filters
        self.strides = strides

    def build(self, input_shape: Any) -> None:
        """Create nothing; refuse to drop maps."""
        if input_shape[-1] > self.filters:
            raise InputError(f"cannot widen {input_shape[-1]} maps to {self.filters}")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Subsample, then widen."""
        kept = inputs[:, :: self.strides, :: self.strides, :]
        return ops.pad(kept, ((0, 0), (0, 0), (0, 0), (0, self.filters - inputs.shape[-1])))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, ceil(H / strides), ceil(W / strides), filters)."""
        count, *sizes, _ = input_shape
        return count, *(size and -(-size // self.strides) for size in sizes), self.filters

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: numbers are only moved."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "filters": self.filters, "strides": self.strides}
