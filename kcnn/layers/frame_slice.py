"""Some of the frames of a clip, as a layer: what a network that sees not all of them begins with."""

from typing import Any

import keras

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class FrameSlice(keras.layers.Layer):
    """The frames `begin`, `begin + step`, ... up to, but not, `end`.

    Shapes: (N, T, H, W, C) to (N, ceil((end - begin) / step), H, W, C).
    Raises InputError where there are no such frames.
    Source: Karpathy et al. 2014, figure 1: single frame and late fusion.
    """

    def __init__(self, begin: int, end: int, step: int = 1, **kwargs: Any):
        super().__init__(**kwargs)
        if not 0 <= begin < end:
            raise InputError(f"begin must be at least 0 and below end, got {begin} and {end}")
        if step < 1:
            raise InputError(f"step must be at least 1, got {step}")
        self.begin = begin
        self.end = end
        self.step = step

    def build(self, input_shape: Any) -> None:
        """Create nothing; refuse to take frames that are not there."""
        if self.end > input_shape[1]:
            raise InputError(f"end must be at most the number of frames, got {self.end} for {input_shape[1]}")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Cut."""
        return inputs[:, self.begin : self.end : self.step]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape with the frames that are taken."""
        return (input_shape[0], len(range(self.begin, self.end, self.step)), *input_shape[2:])

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: numbers are only moved."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "begin": self.begin, "end": self.end, "step": self.step}
