"""The hard-wired first layer of the first 3-D convolutional network: grey, gradients and optical flow of a clip."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class MotionChannels(keras.layers.Layer):
    """The maps of five channels one after another: grey, gradient x and y of T frames, flow x and y of T - 1 pairs.

    Grey is the mean of the colours. A gradient is the half difference of the two neighbours, at a border the difference
    to the one neighbour (numpy.gradient's). The flow is the displacement in pixels from a frame to the next, x to the
    right and y downward, after Lucas and Kanade: that which explains the change of brightness best, in the sense of
    least squares, in the `window` x `window` pixels around; the gradients are those of the mean of both frames.

    `damping` is added to the mean squared gradients of a window: where these are as small, hardly anything flows. Its
    default is meant for pixels as networks are given them, of deviation 1. Noise has gradients as well, and flows a
    little: about 0.4 pixels (root mean square) where a generated clip shows nothing else. Displacements of more than
    about two pixels are not found: there is one scale.
    The paper names the channels; the kind of the differences and of the flow is kcnn's choice. All is computed in
    float32 under any precision.

    Shapes: (N, T, H, W, C) to (N, 5 T - 2, H, W, 1). No parameters.
    Raises InputError where the window is even or below 3, damping is not positive, and for clips of less than 2 frames
    or 2 pixels along an axis.
    Sources: Ji, Xu, Yang, Yu 2013, layer H1 of figure 3; Lucas and Kanade 1981.
    """

    def __init__(self, window: int = 5, damping: float = 3e-3, **kwargs: Any):
        super().__init__(**({"autocast": False} | kwargs))
        if window < 3 or window % 2 == 0:
            raise InputError(f"window must be odd and at least 3, got {window}")
        if damping <= 0:
            raise InputError(f"damping must be positive, got {damping}")
        self.window = window
        self.damping = damping

    def build(self, input_shape: Any) -> None:
        """Create nothing: what is hard-wired is not trained."""
        if min(input_shape[1:4]) < 2:
            raise InputError(f"flow needs 2 frames of 2x2 pixels at least, got {tuple(input_shape[1:4])}")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Grey, its differences, and the flow of each pair."""
        grey = ops.mean(ops.cast(inputs, "float32"), axis=-1)  # (N, T, H, W)
        across, down = _difference(grey, 3), _difference(grey, 2)
        flow = self._flow(grey, across, down)
        maps = ops.concatenate([grey, across, down, *flow], axis=1)[..., None]
        return ops.cast(maps, self.compute_dtype)

    def _flow(self, grey: Any, across: Any, down: Any) -> tuple[Any, Any]:
        """The displacements (N, T - 1, H, W) that solve the two equations of each window."""
        x, y = ((maps[:, 1:] + maps[:, :-1]) / 2 for maps in (across, down))
        change = grey[:, 1:] - grey[:, :-1]
        means = self._means(ops.stack([x * x, y * y, x * y, x * change, y * change], axis=-1))
        xx, yy, xy, xt, yt = (means[..., kind] for kind in range(5))
        xx, yy = xx + self.damping, yy + self.damping
        determinant = xx * yy - xy * xy
        return (xy * yt - yy * xt) / determinant, (xy * xt - xx * yt) / determinant

    def _means(self, products: Any) -> Any:
        """The means of the windows around each pixel; there is nothing outside the picture."""
        _, pairs, height, width, kinds = products.shape
        pictures = ops.reshape(products, (-1, height, width, kinds))
        around = self.window // 2
        pictures = ops.pad(pictures, [[0, 0], [around, around], [around, around], [0, 0]])
        means = ops.average_pool(pictures, self.window, 1, "valid", data_format="channels_last")
        return ops.reshape(means, (-1, pairs, height, width, kinds))

    def compute_output_spec(self, inputs: Any) -> Any:
        """The maps, in the layer's precision."""
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, 5 T - 2, H, W, 1)."""
        count, frames, height, width, _ = input_shape
        return count, 5 * frames - 2, height, width, 1

    def reach(self, frames: int, maps: range) -> tuple[int, int]:
        """How many frames, and rows of pixels, a place of the widest of some maps sees, of clips of so many frames."""
        channels = (1, 1), (1, 1), (1, 3), (2, self.window + 2)  # grey, across, down, flow: of gradients in a window
        sizes = [channels[min(number // frames, 3)] for number in maps]
        return max(size for size, _ in sizes), max(size for _, size in sizes)

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: what is hard-wired is not counted."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "window": self.window, "damping": self.damping}


def _difference(x: Any, axis: int) -> Any:
    """Half the difference of the neighbours along an axis, at its ends the difference to the one neighbour."""
    size = x.shape[axis]
    after = ops.take(x, [*range(1, size), size - 1], axis=axis)
    before = ops.take(x, [0, *range(size - 1)], axis=axis)
    spans = ops.reshape(ops.convert_to_tensor([1.0, *[2.0] * (size - 2), 1.0], x.dtype), (-1, *[1] * (3 - axis)))
    return (after - before) / spans
