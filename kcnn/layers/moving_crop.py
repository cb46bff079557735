"""The part of a clip in which most moves."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class MovingCrop(keras.layers.Layer):
    """The window of `height` x `width` pixels that changes most from frame to frame, the same in all frames.

    What changes is the sum of the absolute differences of neighbouring frames over time, colours and the window; of
    windows that change as much the first is taken, of a single frame that in the upper left corner. The gradient is
    that of cutting: where the window lies is not trained.

    Shapes: (N, T, H, W, C) to (N, T, height, width, C). No parameters.
    Raises InputError where a side is below 1, or larger than the clip's.
    """

    def __init__(self, height: int, width: int, **kwargs: Any):
        super().__init__(**kwargs)
        if height < 1 or width < 1:
            raise InputError(f"height and width must be at least 1, got {height} and {width}")
        self.height = height
        self.width = width

    def build(self, input_shape: Any) -> None:
        """Create nothing; refuse to cut more than there is."""
        if self.height > input_shape[2] or self.width > input_shape[3]:
            raise InputError(
                f"a window of {self.height}x{self.width} does not fit into {input_shape[2]}x{input_shape[3]}"
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Find the window, and take its rows and columns by products with 0/1 matrices, one for each clip."""
        rows, columns = self._corner(ops.cast(inputs, "float32"))
        rows = ops.one_hot(rows[:, None] + ops.arange(self.height), inputs.shape[2], dtype=inputs.dtype)
        columns = ops.one_hot(columns[:, None] + ops.arange(self.width), inputs.shape[3], dtype=inputs.dtype)
        return ops.einsum("nih,nthwc,njw->ntijc", rows, inputs, columns)

    def _corner(self, clips: Any) -> tuple[Any, Any]:
        """Row and column, (N,) each, at which the window begins."""
        changes = ops.sum(ops.abs(clips[:, 1:] - clips[:, :-1]), axis=(1, 4))[..., None]  # (N, H, W, 1)
        windows = ops.average_pool(changes, (self.height, self.width), 1, "valid", data_format="channels_last")
        across = windows.shape[2]
        first = ops.cast(ops.argmax(ops.reshape(windows, (-1, windows.shape[1] * across)), axis=1), "int32")
        return first // across, first % across

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, T, height, width, C)."""
        count, frames, _, _, channels = input_shape
        return count, frames, self.height, self.width, channels

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: numbers are only moved."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "height": self.height, "width": self.width}
