"""One vector for a whole series or text: the maximum, the mean or the last of its places."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError

MODES = ("max", "mean", "last")


@keras.saving.register_keras_serializable(package="kcnn")
class TemporalPooling(keras.layers.Layer):
    """The maximum, the mean or the last of the places along time, each channel by itself.

    Called on [maps, words] only those places count whose window has a word. Words are whole numbers, and 0 is the
    padding at the end; `window` is how many words a place of the maps saw, the first only the first word, the last only
    the last. The first place always counts, also where there is no word. So padding does not change the answer.

    Shapes: maps (N, T, C), or [maps (N, T + window - 1, C), words (N, T)], to (N, C); T may be None. No parameters.
    The mean is summed in float32 under any precision.
    Raises InputError for another mode, a window below 1, and words whose number does not go with the maps and window.
    Source: Collobert et al. 2011 and Kim 2014, section 2: max-over-time pooling.
    """

    def __init__(self, mode: str = "max", window: int = 1, **kwargs: Any):
        super().__init__(**kwargs)
        if mode not in MODES:
            raise InputError(f"mode must be one of {', '.join(MODES)}, got {mode!r}")
        if window < 1:
            raise InputError(f"window must be at least 1, got {window}")
        self.mode = mode
        self.window = window

    def build(self, input_shape: Any) -> None:
        """Create nothing; compare the lengths where both are known."""
        if isinstance(input_shape[0], list | tuple):
            places, words = input_shape[0][1], input_shape[1][1]
            if None not in (places, words) and places != words + self.window - 1:
                raise InputError(f"{places} places of a window of {self.window} do not come from {words} words")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Choose or average the places that count."""
        maps, counts = (inputs[0], self._counting(inputs[1])) if isinstance(inputs, list | tuple) else (inputs, None)
        if self.mode == "max":
            # What does not count is replaced by what does: no number is low enough in every precision.
            return ops.max(maps if counts is None else ops.where(counts, maps, maps[:, :1]), axis=1)
        if self.mode == "mean":
            return _mean(maps, counts)
        if counts is None:
            return maps[:, -1]
        last = ops.sum(ops.cast(counts, "int32"), axis=1, keepdims=True) - 1
        return ops.take_along_axis(maps, last, axis=1)[:, 0]

    def _counting(self, words: Any) -> Any:
        """Whether a place counts, (N, T + window - 1, 1): the first word of its window is one, or precedes the text."""
        begins = ops.pad(ops.not_equal(words, 0), [[0, 0], [self.window - 1, 0]], constant_values=True)
        return ops.concatenate([ops.ones_like(begins[:, :1]), begins[:, 1:]], axis=1)[..., None]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, C)."""
        count, _, channels = input_shape[0] if isinstance(input_shape[0], list | tuple) else input_shape
        return count, channels

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: pooling is not counted."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "mode": self.mode, "window": self.window}


def _mean(maps: Any, counts: Any) -> Any:
    """The mean of the places that count, of all where `counts` is None; summed in float32 at least."""
    exact = ops.cast(maps, keras.backend.result_type(maps.dtype, "float32"))
    if counts is None:
        return ops.cast(ops.mean(exact, axis=1), maps.dtype)
    total = ops.sum(ops.where(counts, exact, 0.0), axis=1)
    return ops.cast(total / ops.sum(ops.cast(counts, exact.dtype), axis=1), maps.dtype)
