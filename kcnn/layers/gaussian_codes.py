"""Codes for a generator, drawn anew at every call."""

from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class GaussianCodes(keras.layers.Layer):
    """`latent` numbers from N(0, 1) for each example of a batch, in training and outside it.

    Shapes: (N, ...), of which only N matters, to (N, latent). No parameters; the state of its random generator is kept
    in the layer's variables, as Dropout's is.
    Raises InputError where `latent` is below 1.
    """

    def __init__(self, latent: int, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        if latent < 1:
            raise InputError(f"latent must be at least 1, got {latent}")
        self.latent = latent
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        """Create nothing."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Draw as many codes as there are examples."""
        count = ops.shape(inputs)[0]
        return keras.random.normal((count, self.latent), dtype=self.compute_dtype, seed=self.seed_generator)

    def compute_output_spec(self, inputs: Any) -> Any:
        """(N, latent), in the layer's precision, whatever the type of the inputs."""
        return keras.KerasTensor((inputs.shape[0], self.latent), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, latent)."""
        return input_shape[0], self.latent

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "latent": self.latent, "seed": self.seed}
