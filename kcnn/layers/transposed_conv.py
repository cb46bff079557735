"""The transposed convolution, with the padding, output padding, dilation and groups that Keras's own lacks."""

from math import prod
from typing import Any

import keras
from keras import ops

from kcnn.arithmetic.transposed import cut_off, transposed_output_size
from kcnn.errors import InputError
from kcnn.layers.dilation import dilated

Counts = int | tuple[int, ...]
"""A number for every axis, or one for each."""


class TransposedConv(keras.layers.Layer):
    """The adjoint of the correlation with the same kernel, strides, padding and dilation.

    Every input value adds its multiple of the kernel to the output, at places `strides` apart; of the result
    `padding` places are cut off at each side. Along an axis of n places and a kernel of k the output has

        (n - 1) * strides - 2 * padding + dilation * (k - 1) + 1 + output_padding

    places. `padding` may be "valid" (none) and "same": n * strides places, as Keras has it. (Where a kernel is
    shorter than its stride, Keras's "valid" appends zeros; here output_padding does.) `output_padding`, below the
    larger of strides and dilation, says which of the correlation's inputs is meant: those that a stride cut off.
    strides, padding, output_padding and dilation are numbers for all axes, or one for each.

    Channels and filters lie in `groups` runs of equal length; the channels of a run add to the filters of the run
    with the same place. `kernel` has shape (*kernel_size, filters // groups, channels), as in Conv2DTranspose.

    Raises InputError where the groups do not divide the channels and the filters, a count is not positive, nothing
    of the output is left, or output_padding is too large or goes with "same".
    Source: Dumoulin and Visin 2016, *A guide to convolution arithmetic for deep learning*, chapter 4.
    """

    rank: int

    def __init__(
        self,
        filters: int,
        kernel_size: Counts,
        strides: Counts = 1,
        padding: str | Counts = 0,
        output_padding: Counts = 0,
        dilation: Counts = 1,
        groups: int = 1,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if groups < 1 or filters < 1:
            raise InputError(f"groups and filters must be at least 1, got {groups} and {filters}")
        if filters % groups:
            raise InputError(f"groups must divide the filters, got {groups} for {filters}")
        self.filters = filters
        self.groups = groups
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_size = self._each("kernel_size", kernel_size)
        self.strides = self._each("strides", strides)
        self.padding = padding if isinstance(padding, str) else self._each("padding", padding)
        self.output_padding = self._each("output_padding", output_padding)
        self.dilation = self._each("dilation", dilation)
        paddings = self._each("padding", padding)
        self._rules = list(
            zip(self.kernel_size, self.strides, paddings, self.output_padding, self.dilation, strict=True)
        )
        # Where the backend's "same" cuts off the same places, as it does for the usual kernels of twice the stride,
        # nothing is left to cut here, and the output is written once.
        self._cuts = [cut_off(*rule) for rule in self._rules]
        same = [cut_off(kernel, stride, "same", 0, gap) for kernel, stride, *_, gap in self._rules]
        self._native = "same" if self._cuts == same else "valid"

    def _each(self, what: str, counts: Any) -> tuple[Any, ...]:
        """One value for each axis."""
        counts = (counts,) * self.rank if isinstance(counts, str | int) else tuple(counts)
        if len(counts) != self.rank:
            raise InputError(f"{what} is one number or {self.rank}, got {counts}")
        return counts

    def build(self, input_shape: Any) -> None:
        """Create a kernel for each channel and filter of a group, and a bias for each filter."""
        channels = input_shape[-1]
        if channels % self.groups:
            raise InputError(f"groups must divide the channels, got {self.groups} for {channels}")
        self.compute_output_shape(input_shape)  # refuses where nothing is left
        shape = (*self.kernel_size, self.filters // self.groups, channels)
        self.kernel = self.add_weight(shape=shape, initializer=self.kernel_initializer, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Scatter each group by itself, cut off the padding, add the bias."""
        # Dilated by zeros: TensorFlow's CPU has no dilated form without oneDNN.
        pairs = zip(
            ops.split(inputs, self.groups, axis=-1),
            ops.split(dilated(self.kernel, self.dilation), self.groups, axis=-1),
            strict=True,
        )
        # output_padding None lets "same" have n * strides places; 0 keeps "valid" from adding any.
        extra = None if self._native == "same" else 0
        parts = [
            ops.conv_transpose(x, kernel, self.strides, self._native, extra, data_format="channels_last")
            for x, kernel in pairs
        ]
        full = ops.concatenate(parts, axis=-1) if self.groups > 1 else parts[0]
        kept = full if self._native == "same" else self._cut(full)
        return kept + self.bias if self.use_bias else kept

    def _cut(self, full: Any) -> Any:
        """Append zeros where less than nothing is cut off, then cut off."""
        zeros = [(0, max(0, -after)) for _, after in self._cuts]
        if any(after for _, after in zeros):
            full = ops.pad(full, [(0, 0), *zeros, (0, 0)])
        return full[(slice(None), *(slice(before, -after if after > 0 else None) for before, after in self._cuts))]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, *places, filters)."""
        count, *sizes, _ = input_shape
        places = (size and transposed_output_size(size, *rule) for size, rule in zip(sizes, self._rules, strict=True))
        return count, *places, self.filters

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """Every weight once for every place of the input; what is cut off is counted."""
        return prod(input_shape[1:]) * prod(self.kernel_size) * self.filters // self.groups

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        names = ("filters", "kernel_size", "strides", "padding", "output_padding", "dilation", "groups", "use_bias")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }


@keras.saving.register_keras_serializable(package="kcnn")
class TransposedConv1D(TransposedConv):
    """TransposedConv along one axis. Shapes: (N, L, channels) to (N, L', filters)."""

    rank = 1


@keras.saving.register_keras_serializable(package="kcnn")
class TransposedConv2D(TransposedConv):
    """TransposedConv along two axes. Shapes: (N, H, W, channels) to (N, H', W', filters)."""

    rank = 2
