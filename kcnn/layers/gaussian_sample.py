"""A draw from the normal distribution that an encoder answers."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kcnn")
class GaussianSample(keras.layers.Layer):
    """mean + exp(log variance / 2) e, with e from N(0, 1), drawn anew at every call, in training and outside it.

    The gradient passes to mean and variance (the reparametrisation trick).

    Shapes: [mean (N, ...), log variance (N, ...)], equal, to (N, ...). No parameters; the state of its random
    generator is kept in the layer's variables, as Dropout's is.
    Source: Kingma and Welling 2014, section 2.4 and appendix B.
    """

    def __init__(self, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        """Create nothing."""
        self.built = True

    def call(self, inputs: Sequence[Any]) -> Any:
        """Draw."""
        mean, log_variance = inputs
        noise = keras.random.normal(ops.shape(mean), dtype=mean.dtype, seed=self.seed_generator)
        return mean + ops.exp(log_variance / 2) * noise

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The mean's shape."""
        return tuple(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "seed": self.seed}
