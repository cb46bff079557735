"""The grouped convolution, in a form whose gradient is fast on a CPU."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kcnn.arithmetic.complexity import convolution_multiply_adds
from kcnn.errors import InputError

# Measured on two AVX-512 cores, TensorFlow 2.21, 16 images: convolutions on 8 channels take 1.3 times as long as those
# on 16, on 32 channels up to 1.5 times (more zeros); more convolutions than 16 gain under 15%, and take long to trace.
CHANNELS = 16
CONVOLUTIONS = 16


def merged_groups(channels: int, groups: int) -> int:
    """How many neighbouring groups share one dense convolution on a CPU; a divisor of `groups`.

    `channels` are those of one group. The smallest number with which a convolution sees `CHANNELS` channels and
    there are `CONVOLUTIONS` of them at most; all groups, where none will do.
    """
    fitting = (
        count
        for count in range(1, groups)
        if groups % count == 0 and count * channels >= CHANNELS and groups // count <= CONVOLUTIONS
    )
    return next(fitting, groups)


@keras.saving.register_keras_serializable(package="kcnn")
class GroupedConv2D(keras.layers.Conv2D):
    """keras.layers.Conv2D(groups=groups): the same computation and weights, fast to train on a CPU too.

    The channels lie in `groups` runs of equal length, and so do the filters; the filters of a run see the channels of
    the run with the same place. `kernel` has shape (height, width, channels // groups, filters), `bias` (filters,).

    On a CPU the gradient of TensorFlow's and JAX's grouped convolution is one to two orders of magnitude slower than
    that of a dense one. There, neighbouring groups are merged into a dense convolution each, whose kernel is block
    diagonal: a product with a constant 0/1 mask keeps the zeros zero, and brings the gradient to the real weights
    alone. On other devices the backend's own grouped convolution is used. Which it is, is decided at each call (in a
    graph: at each tracing) and is no part of the layer.

    `kwargs` are those of keras.layers.Conv2D.
    Shapes: (N, H, W, channels) to (N, H', W', filters), as Conv2D has them.
    Raises InputError where the groups do not divide the channels and the filters.
    Source: Krizhevsky, Sutskever, Hinton 2012, section 3.5 (two groups); Xie, Girshick, Dollár, Tu, He 2016 (many).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = 1,
        padding: str = "valid",
        groups: int = 1,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ):
        if groups < 1 or filters < 1:
            raise InputError(f"groups and filters must be at least 1, got {groups} and {filters}")
        if filters % groups:
            raise InputError(f"groups must divide the filters, got {groups} for {filters}")
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            groups=groups,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            **kwargs,
        )

    def build(self, input_shape: Any) -> None:
        """Create Conv2D's weights."""
        channels = input_shape[-1 if self.data_format == "channels_last" else 1]
        if channels % self.groups:
            raise InputError(f"groups must divide the channels, got {self.groups} for {channels}")
        super().build(input_shape)

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The convolution without its bias."""
        if self.groups == 1 or self.data_format != "channels_last" or not _cpu_needs_the_merged_form():
            return super().convolution_op(inputs, kernel)
        merged = merged_groups(kernel.shape[2], self.groups)
        parts = self.groups // merged
        results = [
            super(GroupedConv2D, self).convolution_op(part, part_kernel)
            for part, part_kernel in zip(
                ops.split(inputs, parts, axis=-1),
                ops.split(self._block_diagonal(kernel, merged), parts, axis=-1),
                strict=True,
            )
        ]
        return ops.concatenate(results, axis=-1) if parts > 1 else results[0]

    def _block_diagonal(self, kernel: Any, merged: int) -> Any:
        """The dense kernels of all convolutions, (height, width, channels of one convolution, filters)."""
        if merged == 1:
            return kernel
        block = np.ones((kernel.shape[2], self.filters // self.groups))
        mask = np.tile(np.kron(np.eye(merged), block), (1, self.groups // merged))
        return ops.tile(kernel, (1, 1, merged, 1)) * ops.convert_to_tensor(mask, kernel.dtype)

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """Every weight once at every place; the zeros of the merged form are not counted."""
        last = self.data_format == "channels_last"
        channels, sizes = (input_shape[-1], output_shape[1:-1]) if last else (input_shape[1], output_shape[2:])
        return convolution_multiply_adds(sizes, self.kernel_size, channels, self.filters, self.groups)


def _cpu_needs_the_merged_form() -> bool:
    """Whether the backend sees CPUs alone, and is slow there; torch is not, and lists no devices."""
    return keras.backend.backend() != "torch" and all(
        device.startswith("cpu") for device in keras.distribution.list_devices()
    )
