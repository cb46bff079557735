"""The subsampling of LeNet-5 (S2, S4): a sum over a window, with one coefficient and one bias a map."""

from math import prod
from typing import Any

import keras
from keras import ops

from kcnn.arithmetic.sizes import output_size
from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class TrainableSubsampling(keras.layers.Layer):
    """The sum of each `pool_size` x `pool_size` window, times a trainable coefficient, plus a trainable bias.

    Windows do not overlap; rows and columns left over at the end are dropped. There is no squashing inside.
    The coefficients start uniform in +-2.4 / F, where F = pool_size^2 is the number of a unit's inputs
    (the paper's appendix A); the biases start at 0.

    Shapes: (N, H, W, C) to (N, H // pool_size, W // pool_size, C). Trainable parameters: 2 C. Each frame of a clip
    (N, T, H, W, C) is subsampled by itself, and its maps have coefficients of their own: 2 T C parameters.
    Raises InputError where pool_size is below 1, or larger than the image.
    Source: LeCun, Bottou, Bengio, Haffner 1998, section II-B, layers S2 and S4.
    """

    def __init__(self, pool_size: int = 2, **kwargs: Any):
        super().__init__(**kwargs)
        if pool_size < 1:
            raise InputError(f"pool_size must be at least 1, got {pool_size}")
        self.pool_size = pool_size

    def build(self, input_shape: Any) -> None:
        """Create one coefficient and one bias for each map."""
        limit = 2.4 / self.pool_size**2
        initial = keras.initializers.RandomUniform(-limit, limit)
        _, *frames, _, _, maps = input_shape
        shape = (*frames, 1, 1, maps) if frames else (maps,)
        self.coefficient = self.add_weight(shape=shape, initializer=initial, name="coefficient")
        self.bias = self.add_weight(shape=shape, initializer="zeros", name="bias")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Subsample every map."""
        return self._means(inputs) * (self.pool_size**2 * self.coefficient) + self.bias

    def _means(self, inputs: Any) -> Any:
        """The means of the windows, of a clip in each frame."""
        if len(inputs.shape) == 4:
            return ops.average_pool(inputs, self.pool_size, self.pool_size, "valid", data_format="channels_last")
        means = self._means(ops.reshape(inputs, (-1, *inputs.shape[2:])))
        return ops.reshape(means, (-1, inputs.shape[1], *means.shape[1:]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, H // pool_size, W // pool_size, C), the frames of a clip before."""
        count, *frames, height, width, channels = input_shape
        return (
            count,
            *frames,
            *(size and output_size(size, self.pool_size, self.pool_size) for size in (height, width)),
            channels,
        )

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """One for each number of the output: coefficient times sum, plus bias."""
        return prod(output_shape[1:])

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "pool_size": self.pool_size}
