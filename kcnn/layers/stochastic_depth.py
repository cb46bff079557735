"""Stochastic depth: in training some examples skip a residual branch."""

from typing import Any

import keras

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class StochasticDepth(keras.layers.Layer):
    """Drops each example's residual with probability `rate`; a kept one is scaled by 1 / (1 - rate).

    It stands at the end of the branch, before the addition. Outside training it is the identity: the scaling keeps
    the expectation, as EfficientNet has it. The paper scales by 1 - rate outside training instead; both agree in
    expectation.

    Shapes: (N, ...); the output has the input's. No parameters; the state of its random generator is kept in the
    layer's variables, as Dropout's is.
    Raises InputError where `rate` is not in 0 <= rate < 1.
    Source: Huang, Sun, Liu, Sedra, Weinberger 2016, section 3; Tan and Le 2019, section 5.2.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise InputError(f"rate must be at least 0 and below 1, got {rate}")
        self.rate = rate
        self.seed = seed
        if rate > 0:
            self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Create nothing."""
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop whole examples in training."""
        if not training or self.rate == 0:
            return inputs
        one_draw_an_example = (None,) + (1,) * (len(inputs.shape) - 1)
        return keras.random.dropout(inputs, self.rate, one_draw_an_example, self.seed_generator)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """0: nothing is multiplied outside training."""
        return 0

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
