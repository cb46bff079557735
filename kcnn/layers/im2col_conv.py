"""The convolution as one matrix product: im2col."""

from math import prod
from typing import Any

import keras
from keras import ops

from kcnn.layers.channels_last_conv import ChannelsLastConv2D


@keras.saving.register_keras_serializable(package="kcnn")
class Im2ColConv2D(ChannelsLastConv2D):
    """keras.layers.Conv2D, computed as a matrix product: the same weights, and the same answers up to rounding.

    Every window of the input becomes a row of h x w x channels values; the rows times the flattened kernel are the
    output. The rows are materialised and kept for the gradient: with stride 1 they take h x w times the memory of the
    input (9 times for a 3x3 kernel), and w times more in passing. Tried on the TensorFlow, JAX and torch backends.

    `kwargs` are those of keras.layers.Conv2D; channels_last only.
    Shapes: (N, H, W, channels) to (N, H', W', filters), as Conv2D has them; H and W may be unknown.
    Raises InputError for channels_first, and ValueError as Conv2D does.
    Source: Chellapilla, Puri, Simard 2006, *High performance convolutional neural networks for document processing*.
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The convolution without its bias."""
        x = ops.pad(inputs, [(0, 0), *self.padding_zeros(inputs), (0, 0)])
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


def _under(tap: int, taps: int, stride: int, dilation: int) -> slice:
    """Where the padded input lies under a tap, for all places: from its first on, as far as the last tap lets it."""
    return slice(dilation * tap, dilation * (tap + 1 - taps) or None, stride)
