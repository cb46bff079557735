"""The log-mel spectrogram as a layer: what a network for sounds sees of a waveform."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kcnn.arithmetic.mel import bands
from kcnn.errors import InputError

FLOOR = 1e-5
"""What is added to an energy before its logarithm is taken: 50 dB below that of a sine at full scale, about."""


@keras.saving.register_keras_serializable(package="kcnn")
class LogMel(keras.layers.Layer):
    """The logarithm of the energy in `bins` bands on the mel scale, every `hop` samples.

    Each energy is that of a window (Hann) of 2.5 hops, the usual 25 ms for hops of 10 ms, whose middle is that of its
    hop; outside the waveform is silence. The spectrum is computed at the next power of two, in float32 under any
    precision.

    Shapes: (N, T) or (N, T, 1), samples at `rate` a second, to (N, ceil(T / hop), bins); T may be None.
    Raises InputError where a count is below 1, or a band would be empty.
    Source: Davis and Mermelstein 1980; window, hop and logarithm as in Hershey et al. 2017, section 3.
    """

    def __init__(self, rate: int, bins: int = 40, hop: int = 80, **kwargs: Any):
        super().__init__(**({"autocast": False} | kwargs))
        for what, count in {"rate": rate, "bins": bins, "hop": hop}.items():
            if count < 1:
                raise InputError(f"{what} must be at least 1, got {count}")
        self.rate, self.bins, self.hop = rate, bins, hop
        self.window = max(2, round(2.5 * hop))
        self.length = 2 ** int(np.ceil(np.log2(self.window)))
        self._bands = bands(rate, self.length, bins).astype(np.float32)
        steps = np.arange(self.window)
        self._hann = (0.5 - 0.5 * np.cos(2 * np.pi * (steps + 0.5) / self.window)).astype(np.float32)

    def build(self, input_shape: Any) -> None:
        """Create nothing."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Cut into windows, transform, sum into bands, take the logarithm."""
        x = ops.cast(inputs, "float32")
        if len(inputs.shape) == 3:
            x = x[..., 0]
        frames = (ops.shape(x)[1] + self.hop - 1) // self.hop
        before = (self.window - self.hop) // 2
        # Enough behind the end for the last window, whatever the length.
        x = ops.pad(x, [[0, 0], [before, self.window + self.hop]])
        windows = ops.extract_sequences(x, self.window, self.hop)[:, :frames] * self._hann
        windows = ops.pad(windows, [[0, 0], [0, 0], [0, self.length - self.window]])
        real, imaginary = ops.rfft(windows, self.length)
        energies = ops.matmul(ops.square(real) + ops.square(imaginary), self._bands)
        # Of a sine at full scale a window's largest energy is about the square of half the window's sum.
        return ops.cast(ops.log(energies / np.square(self._hann.sum() / 2) + FLOOR), self.compute_dtype)

    def compute_output_spec(self, inputs: Any) -> Any:
        """The energies, in the layer's precision."""
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, ceil(T / hop), bins)."""
        steps = input_shape[1]
        return input_shape[0], None if steps is None else -(-steps // self.hop), self.bins

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """Those of the sums into bands; the transform is not counted."""
        return output_shape[1] * (self.length // 2 + 1) * self.bins

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "rate": self.rate, "bins": self.bins, "hop": self.hop}
