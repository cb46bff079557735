"""The C-cells of the neocognitron: they blur and thin out each plane of S-cells, under lateral inhibition."""

from math import prod
from typing import Any

import keras
import numpy as np
from keras import ops

from kcnn.arithmetic.sizes import output_size
from kcnn.errors import InputError
from kcnn.layers.s_cells import decaying_window


@keras.saving.register_keras_serializable(package="kcnn")
class CCells(keras.layers.Layer):
    """u = psi[(1 + sum d u_S) / (1 + v_S) - 1], where v_S is the mean of sum d u_S over all the planes.

    Each plane has its own cells, which see only the plane of the same number. The weights d = gain x
    decay^|v| are fixed and the same in all planes; v_S makes the planes compete, so that a place keeps what stands out.
    psi(x) = x / (alpha + x) for positive x, and 0 elsewhere. (The paper writes psi(x) = phi(x / (alpha + x)) with
    phi(x) = max(x, 0), which would be above 1 for x < -alpha, the most inhibited cells.)

    The inputs must not be negative; the answers are in 0..1.
    Shapes: (N, H, W, C) to (N, (H + 2 padding - kernel_size) // strides + 1, the same of W, C). No parameters.
    Raises InputError for a gain or an alpha that is not positive, a decay outside 0..1, a count below 1, and where the
    window does not fit.
    Source: Fukushima 1980, section 2. The paper wants d to fall with |v|; gain x decay^|v| is our choice.
    """

    def __init__(
        self,
        kernel_size: int,
        strides: int = 1,
        padding: int = 0,
        gain: float = 1.0,
        decay: float = 0.9,
        alpha: float = 0.5,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if min(kernel_size, strides) < 1:
            raise InputError(f"kernel_size and strides must be at least 1, got {kernel_size} and {strides}")
        if not 0 < decay <= 1:
            raise InputError(f"decay must be above 0 and at most 1, got {decay}")
        if not min(gain, alpha) > 0:
            raise InputError(f"gain and alpha must be positive, got {gain} and {alpha}")
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.gain = gain
        self.decay = decay
        self.alpha = alpha

    def build(self, input_shape: Any) -> None:
        """Lay out d, the same for every plane; nothing is learned."""
        window = self.gain * decaying_window(self.kernel_size, self.decay)
        self.d = np.repeat(window[:, :, None, None], input_shape[-1], axis=2)  # size, size, C, 1
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Blur every plane, subtract what the planes have in common, and saturate."""
        edge = (self.padding, self.padding)
        padded = ops.pad(inputs, ((0, 0), edge, edge, (0, 0)))
        d = ops.convert_to_tensor(self.d, padded.dtype)
        excitation = ops.depthwise_conv(padded, d, self.strides, "valid", data_format="channels_last")
        inhibition = ops.mean(excitation, axis=-1, keepdims=True)
        # (1 + e) / (1 + v) - 1, without the rounding of 1 + e while e is small.
        x = ops.relu((excitation - inhibition) / (1 + inhibition))
        return x / (self.alpha + x)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, (H + 2 padding - kernel_size) // strides + 1, the same of W, C)."""
        count, *sizes, planes = input_shape
        sizes = [size and output_size(size, self.kernel_size, self.strides, self.padding) for size in sizes]
        return count, *sizes, planes

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """Each weight d once for each answer; the V-cells average the same sums, and multiply nothing more."""
        return prod(output_shape[1:]) * self.kernel_size**2

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "gain": self.gain,
            "decay": self.decay,
            "alpha": self.alpha,
        }
