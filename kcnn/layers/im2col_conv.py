"""The convolution as one matrix product: im2col."""

from math import prod
from typing import Any

import keras
from keras import ops

from kcnn.arithmetic.complexity import convolution_multiply_adds
from kcnn.arithmetic.sizes import same_padding, window_extent
from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class Im2ColConv2D(keras.layers.Conv2D):
    """keras.layers.Conv2D, computed as a matrix product: the same weights, and the same answers up to rounding.

    Every window of the input becomes a row of h x w x channels values; the rows times the flattened kernel are the
    output. The rows are materialised and kept for the gradient: with stride 1 they take h x w times the memory of the
    input (9 times for a 3x3 kernel), and w times more in passing. Tried on the TensorFlow and JAX backends.

    `kwargs` are those of keras.layers.Conv2D; channels_last only.
    Shapes: (N, H, W, channels) to (N, H', W', filters), as Conv2D has them; H and W may be unknown.
    Raises InputError for channels_first, and ValueError as Conv2D does.
    Source: Chellapilla, Puri, Simard 2006, *High performance convolutional neural networks for document processing*.
    """

    def __init__(self, filters: int, kernel_size: int | tuple[int, int], *args: Any, **kwargs: Any):
        super().__init__(filters, kernel_size, *args, **kwargs)
        refuse_channels_first(self)

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The convolution without its bias."""
        x = ops.pad(inputs, [(0, 0), *layer_zeros(self, inputs), (0, 0)])
        axes = zip(self.kernel_size, self.strides, self.dilation_rate, strict=True)
        rows, columns = ([_under(tap, *axis) for tap in range(axis[0])] for axis in axes)
        # Along one axis and then the other: h + w slices and their gradients, not h x w.
        x = ops.stack([x[:, :, under] for under in columns], axis=3)
        x = ops.stack([x[:, under] for under in rows], axis=3)
        count, height, width, *taps, channels = ops.shape(x)
        seen, made = channels // self.groups, self.filters // self.groups
        x = ops.reshape(x, (count, height, width, prod(taps), self.groups, seen))
        weights = ops.reshape(kernel, (prod(taps), seen, self.groups, made))
        y = ops.einsum("nyxtgc,tcgf->nyxgf", x, weights)
        return ops.reshape(y, (count, height, width, self.filters))

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """Every weight once at every place."""
        return convolution_multiply_adds(
            output_shape[1:-1], self.kernel_size, input_shape[-1], self.filters, self.groups
        )


def _under(tap: int, taps: int, stride: int, dilation: int) -> slice:
    """Where the padded input lies under a tap, for all places: from its first on, as far as the last tap lets it."""
    return slice(dilation * tap, dilation * (tap + 1 - taps) or None, stride)


def refuse_channels_first(layer: keras.layers.Conv2D) -> None:
    """Raise InputError where a layer is not channels_last."""
    if layer.data_format != "channels_last":
        raise InputError(f"data_format of {type(layer).__name__} must be 'channels_last', got {layer.data_format!r}")


def layer_zeros(layer: keras.layers.Conv2D, inputs: Any) -> list[tuple[Any, Any]]:
    """The zeros (before, after) that the layer's padding adds along height and width.

    They are numbers, also where the size is unknown, except for "same" with a stride: these depend on the size.
    """
    if layer.padding == "valid":
        return [(0, 0), (0, 0)]
    rules = zip(ops.shape(inputs)[1:3], layer.kernel_size, layer.strides, layer.dilation_rate, strict=True)
    return [_same_zeros(*rule) for rule in rules]


def _same_zeros(size: Any, kernel: int, stride: int, dilation: int) -> tuple[Any, Any]:
    """same_padding, also for a size that is known only when the graph runs."""
    if isinstance(size, int):
        return same_padding(size, kernel, stride, dilation)
    extent = window_extent(kernel, dilation)
    if stride == 1:
        return same_padding(extent, kernel, 1, dilation)  # the same for every size
    zeros = ops.maximum(0, (size - 1) // stride * stride + extent - size)
    return zeros // 2, zeros - zeros // 2
