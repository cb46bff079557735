"""The convolution along time that does not look ahead."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kcnn.arithmetic.complexity import convolution_multiply_adds
from kcnn.errors import InputError
from kcnn.layers.temporal_subsampling import kept_steps, skipped_steps


@keras.saving.register_keras_serializable(package="kcnn")
class CausalConv1D(keras.layers.Layer):
    """The output at time t is made of the inputs at t, t - d, ... t - (k - 1) d, for a dilation of d.

    What lies before the beginning is 0. With strides of s the outputs are those of the times T - 1, T - 1 - s, ...
    in order of time: the last step is always among them. (Keras's padding="causal" counts from the beginning.)

    Shapes: (N, T, C) to (N, ceil(T / s), filters); T may be None. `kernel` has shape (k, C, filters); its last tap
    meets the input at t.
    Raises InputError where a count is below 1, there is more than one axis, or strides and dilation are both above 1.
    Source: van den Oord et al. 2016, *WaveNet*, section 2.1; Bai, Kolter, Koltun 2018, equation 2.
    """

    groups = 1  # said by every convolution, for whoever counts

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int = 1,
        dilation_rate: int = 1,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = (kernel_size,) if isinstance(kernel_size, int) else tuple(kernel_size)
        self.strides = strides
        self.dilation_rate = dilation_rate
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        if len(self.kernel_size) != 1:
            raise InputError(f"kernel_size is one number, got {kernel_size}")
        counts = {"filters": filters, "kernel_size": self.kernel_size[0], "strides": strides, "dilation": dilation_rate}
        for what, count in counts.items():
            if count < 1:
                raise InputError(f"{what} must be at least 1, got {count}")
        if strides > 1 and dilation_rate > 1:
            raise InputError(f"strides or dilation may be above 1, not both, got {strides} and {dilation_rate}")

    def build(self, input_shape: Any) -> None:
        """Create a kernel for each channel and filter, and a bias for each filter."""
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.filters,), initializer=self.bias_initializer, name="bias")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Put zeros before the beginning, leave out what no window from the end begins at, convolve."""
        before = (self.kernel_size[0] - 1) * self.dilation_rate
        x = ops.pad(inputs, [[0, 0], [before, 0], [0, 0]]) if before else inputs
        if self.kernel_size == (2,) and self.strides == 1:
            x = self._pairs(x, inputs)
        else:
            x = ops.conv(self._from_the_end(x), self.kernel, self.strides, "valid", "channels_last", self.dilation_rate)
        return x + self.bias if self.use_bias else x

    def _pairs(self, padded: Any, inputs: Any) -> Any:
        """Multiply what both taps meet, side by side: cuDNN would look for its best algorithm anew at every length."""
        earlier = ops.slice(padded, (0, 0, 0), ops.shape(inputs))
        return ops.matmul(ops.concatenate([earlier, inputs], axis=-1), ops.reshape(self.kernel, (-1, self.filters)))

    def _from_the_end(self, padded: Any) -> Any:
        """What windows of the last step, and of those before it by strides, begin with."""
        if self.strides == 1:
            return padded
        count, steps, channels = ops.shape(padded)
        skipped = skipped_steps(steps - (self.kernel_size[0] - 1) * self.dilation_rate, self.strides)
        # Not padded[:, skipped:], whose gradient in TensorFlow takes longer than the convolution's.
        return ops.slice(padded, (0, skipped, 0), (count, steps - skipped, channels))

    def last(self, taps: Any) -> Any:
        """The output (N, filters) at one time, of the inputs that it is made of (N, k, C), in order of time."""
        flat = ops.reshape(taps, (-1, self.kernel_size[0] * taps.shape[-1]))
        # Outside of a call nothing casts weights to what the layer computes in.
        kernel = ops.cast(self.kernel, self.compute_dtype)
        y = ops.matmul(ops.cast(flat, self.compute_dtype), ops.reshape(kernel, (-1, self.filters)))
        return y + ops.cast(self.bias, self.compute_dtype) if self.use_bias else y

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, ceil(T / strides), filters)."""
        return input_shape[0], kept_steps(input_shape[1], self.strides), self.filters

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """Every weight once for every step of the output."""
        return convolution_multiply_adds(output_shape[1:-1], self.kernel_size, input_shape[-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        names = ("filters", "kernel_size", "strides", "dilation_rate", "use_bias")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
        }
