"""The causal convolution whose groups of channels do not meet: many small networks beside one another."""

from typing import Any

import keras
from keras import ops

from kcnn.arithmetic.complexity import convolution_multiply_adds
from kcnn.errors import InputError
from kcnn.layers.causal_conv import CausalConv1D


@keras.saving.register_keras_serializable(package="kcnn")
class GroupedCausalConv1D(CausalConv1D):
    """As CausalConv1D, without strides, of channels that lie in `groups` runs of equal length, and so do the filters.

    The filters of a run see the channels of the run with the same place. All groups are one product of matrices: on a
    CPU the gradient of a grouped convolution of TensorFlow's or JAX's takes many times as long.

    Shapes: (N, T, C) to (N, T, filters); T may be None. `kernel` has shape (k, C / groups, filters).
    Raises InputError where the groups do not divide the channels and the filters, and as CausalConv1D does.
    """

    def __init__(self, filters: int, kernel_size: Any, groups: int, dilation_rate: int = 1, **kwargs: Any):
        super().__init__(filters, kernel_size, dilation_rate=dilation_rate, **kwargs)
        if groups < 1 or filters % groups:
            raise InputError(f"groups must divide the filters, got {groups} for {filters}")
        self.groups = groups

    def build(self, input_shape: Any) -> None:
        """Create a kernel for each channel of a group and each filter, and a bias for each filter."""
        if input_shape[-1] % self.groups:
            raise InputError(f"groups must divide the channels, got {self.groups} for {input_shape[-1]}")
        super().build((*input_shape[:-1], input_shape[-1] // self.groups))

    def call(self, inputs: Any) -> Any:
        """Lay what each tap meets beside one another, (N, T, groups, taps and channels), and multiply."""
        taps, channels, filters = self.kernel.shape
        count, steps, _ = ops.shape(inputs)
        before = (taps - 1) * self.dilation_rate
        x = ops.pad(inputs, [[0, 0], [before, 0], [0, 0]]) if before else inputs
        x = ops.reshape(x, (-1, before + steps, self.groups, channels))
        under = (count, steps, self.groups, channels)  # not x[:, tap:], as in CausalConv1D
        met = [ops.slice(x, (0, tap * self.dilation_rate, 0, 0), under) for tap in range(taps)]
        x = ops.einsum("ntgc,cgf->ntgf", ops.concatenate(met, axis=-1), self._by_group())
        x = ops.reshape(x, (-1, steps, filters))
        return x + self.bias if self.use_bias else x

    def _by_group(self) -> Any:
        """The kernel as (taps and channels, groups, filters of a group)."""
        taps, channels, filters = self.kernel.shape
        return ops.reshape(self.kernel, (taps * channels, self.groups, filters // self.groups))

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """Every weight once for every step of the output."""
        return convolution_multiply_adds(
            output_shape[1:-1], self.kernel_size, input_shape[-1], self.filters, self.groups
        )

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        known = super().get_config()
        return {**{name: known[name] for name in known if name != "strides"}, "groups": self.groups}
