"""What convolutions that are computed in other ways than Keras's have in common."""

from typing import Any

import keras
from keras import ops

from kcnn.arithmetic.complexity import convolution_multiply_adds
from kcnn.arithmetic.sizes import same_padding, window_extent
from kcnn.errors import InputError


class ChannelsLastConv2D(keras.layers.Conv2D):
    """keras.layers.Conv2D for channels_last alone; subclasses write `convolution_op`, the convolution without its bias.

    Raises InputError for channels_first, and ValueError as Conv2D does.
    """

    def __init__(self, filters: int, kernel_size: int | tuple[int, int], *args: Any, **kwargs: Any):
        super().__init__(filters, kernel_size, *args, **kwargs)
        if self.data_format != "channels_last":
            raise InputError(f"data_format of {type(self).__name__} must be 'channels_last', got {self.data_format!r}")

    def padding_zeros(self, inputs: Any) -> list[tuple[Any, Any]]:
        """The zeros (before, after) that the padding adds along height and width.

        They are numbers, also where the size is unknown, except for "same" with a stride: these depend on the size.
        """
        if self.padding == "valid":
            return [(0, 0), (0, 0)]
        rules = zip(ops.shape(inputs)[1:3], self.kernel_size, self.strides, self.dilation_rate, strict=True)
        return [_same_zeros(*rule) for rule in rules]

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """Those of the direct convolution, every weight once at every place, so that networks can be compared."""
        return convolution_multiply_adds(
            output_shape[1:-1], self.kernel_size, input_shape[-1], self.filters, self.groups
        )


def _same_zeros(size: Any, kernel: int, stride: int, dilation: int) -> tuple[Any, Any]:
    """same_padding, also for a size that is known only when the graph runs."""
    if isinstance(size, int):
        return same_padding(size, kernel, stride, dilation)
    extent = window_extent(kernel, dilation)
    if stride == 1:
        return same_padding(extent, kernel, 1, dilation)  # the same for every size
    zeros = ops.maximum(0, (size - 1) // stride * stride + extent - size)
    return zeros // 2, zeros - zeros // 2
