"""The convolution by the convolution theorem: a product of Fourier transforms."""

from typing import Any

import keras
from keras import ops
from scipy.fft import next_fast_len

from kcnn.arithmetic.sizes import window_extent
from kcnn.layers.channels_last_conv import ChannelsLastConv2D
from kcnn.layers.dilation import dilated

Complex = tuple[Any, Any]
"""A real and an imaginary part of the same shape: Keras's transforms take and give these."""


@keras.saving.register_keras_serializable(package="kcnn")
class FFTConv2D(ChannelsLastConv2D):
    """keras.layers.Conv2D, computed by Fourier transforms: the same weights, and the same answers up to rounding.

    A transform is of the whole image, and so is its rounding: it is relative to the image's largest value, and a NaN or
    infinity anywhere spreads over the whole image. Tried on the TensorFlow, JAX and torch backends.

    The input and the kernel are transformed, at each frequency the channels are summed in a matrix product, and the
    result is transformed back. The time hardly depends on the kernel's size, so that large kernels are cheap. Strides
    spare nothing: all places are computed, and every strides-th is kept.

    The transforms are as long as the padded input. They are circular, but where the kernel reaches round the edge are
    the very places that a valid convolution has not. In half precision they are computed in float32.

    `kwargs` are those of keras.layers.Conv2D; channels_last only.
    Shapes: (N, H, W, channels) to (N, H', W', filters), as Conv2D has them; H and W may be unknown.
    Raises InputError for channels_first, and ValueError as Conv2D does.
    Source: Mathieu, Henaff, LeCun 2014, *Fast training of convolutional networks through FFTs*.
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The convolution without its bias."""
        given = keras.backend.standardize_dtype(inputs.dtype)
        exact = given if given == "float64" else "float32"
        sizes = ops.shape(inputs)[1:3]
        zeros = self.padding_zeros(inputs)
        padded = [size + before + after for size, (before, after) in zip(sizes, zeros, strict=True)]
        lengths = [_fast_length(size) for size in padded]
        extents = [window_extent(k, d) for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)]

        maps = ops.transpose(ops.cast(inputs, exact), (0, 3, 1, 2))
        behind = [n - size - before for n, size, (before, _) in zip(lengths, sizes, zeros, strict=True)]
        maps = _transformed(maps, [(before, after) for (before, _), after in zip(zeros, behind, strict=True)])
        taps = ops.transpose(dilated(ops.cast(kernel, exact), self.dilation_rate), (2, 3, 0, 1))
        weights = _transformed(taps, [(0, n - extent) for n, extent in zip(lengths, extents, strict=True)])

        kept = [slice(0, n - extent + 1, s) for n, extent, s in zip(padded, extents, self.strides, strict=True)]
        y = _inverse(self._product(maps, weights), lengths, kept)
        return ops.cast(ops.transpose(y, (0, 2, 3, 1)), given)

    def _product(self, maps: Complex, weights: Complex) -> Complex:
        """Sum maps (N, channels, u, v) times the conjugates of weights (channels // groups, filters, u, v).

        The conjugate makes it a correlation. Real and imaginary parts go through one real matrix product:
        [Xr Xi] [[Kr, -Ki], [Ki, Kr]].
        """
        count, channels, *frequencies = ops.shape(maps[0])
        seen, made = channels // self.groups, self.filters // self.groups
        x = ops.concatenate([ops.reshape(part, (count, self.groups, seen, *frequencies)) for part in maps], axis=2)
        real, imaginary = (ops.reshape(part, (seen, self.groups, made, *frequencies)) for part in weights)
        rows = [ops.concatenate(row, axis=2) for row in ([real, -imaginary], [imaginary, real])]
        k = ops.concatenate(rows, axis=0)
        # Frequencies and groups first: (u, v, groups, N, 2 seen) times (u, v, groups, 2 seen, 2 made).
        y = ops.matmul(ops.transpose(x, (3, 4, 1, 0, 2)), ops.transpose(k, (3, 4, 1, 0, 2)))
        y = ops.transpose(y, (3, 2, 4, 0, 1))
        shape = (count, self.filters, *frequencies)
        return ops.reshape(y[:, :, :made], shape), ops.reshape(y[:, :, made:], shape)


def _fast_length(size: Any) -> Any:
    """An even number from `size` on, a product of small primes; of a size known later, a multiple of 16."""
    return 2 * next_fast_len(-(-size // 2)) if isinstance(size, int) else (size + 15) // 16 * 16


def _transformed(maps: Any, rooms: list[tuple[Any, Any]]) -> Complex:
    """The transform of real maps (..., H, W) with zeros (before, after) around them: (..., W // 2 + 1, H).

    The other half of the frequencies along W are the conjugates of these.
    """
    still = [(0, 0)] * 3
    parts = ops.rfft(ops.pad(maps, [*still, rooms[1]]))
    real, imaginary = (ops.pad(ops.swapaxes(part, -1, -2), [*still, rooms[0]]) for part in parts)
    return ops.fft((real, imaginary))


def _inverse(transform: Complex, lengths: list[Any], kept: list[slice]) -> Any:
    """The kept places of the maps that `_transformed` takes to `transform`."""
    real, imaginary = transform
    # The inverse is the conjugate of the conjugate's transform; Keras has no other along one axis.
    real, imaginary = ops.fft((real, -imaginary))
    real, imaginary = (ops.swapaxes(part[..., kept[0]], -1, -2) for part in (real, -imaginary))
    return ops.irfft((real, imaginary), lengths[1])[..., kept[1]] / ops.cast(lengths[0], real.dtype)
