"""The local response normalisation of AlexNet: a map is damped where its neighbouring maps respond strongly."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class LocalResponseNormalization(keras.layers.Layer):
    """b_i = a_i / (k + alpha * sum_j a_j^2)^beta, with j over the `size` maps around i, at each place by itself.

    At the first and the last maps the sum is over the neighbours that exist. `alpha` multiplies the sum, as in the
    paper; Caffe and torch divide it by `size` first, so that their alpha is `size` times this one.

    The sums and the power are computed in float32 under half precision too, where squares would overflow.

    Shapes: (..., C); the output has the input's. No parameters.
    Raises InputError where `size` is even or below 1, or `k` is not positive.
    Source: Krizhevsky, Sutskever, Hinton 2012, section 3.3; the defaults are the paper's.
    """

    def __init__(self, size: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75, **kwargs: Any):
        super().__init__(**kwargs)
        if size < 1 or size % 2 == 0:
            raise InputError(f"size must be odd and at least 1, got {size}")
        if k <= 0:
            raise InputError(f"k must be positive, got {k}")
        self.size, self.k, self.alpha, self.beta = size, k, alpha, beta

    def build(self, input_shape: Any) -> None:
        """Create nothing: the four constants are not trained."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Normalise every map by its neighbours."""
        wide = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        # A product with a 0/1 band sums the neighbours, exp and log make the power: both pass over memory less often
        # than slices and a power would.
        places = np.arange(inputs.shape[-1])
        band = np.abs(places[:, None] - places) <= self.size // 2
        sums = ops.matmul(ops.square(wide), ops.convert_to_tensor(band, wide.dtype))
        return ops.cast(wide * ops.exp(-self.beta * ops.log(self.k + self.alpha * sums)), inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: normalisation is not counted."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "size": self.size, "k": self.k, "alpha": self.alpha, "beta": self.beta}
