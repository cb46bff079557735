"""Weight normalisation: how long a filter is and where it points to are learnt apart."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kcnn.errors import InputError
from kcnn.layers.cost import multiply_adds_between


@keras.saving.register_keras_serializable(package="kcnn")
class WeightNorm(keras.layers.Wrapper):
    """A layer that computes with w = g v / ||v|| in the place of its own kernel v.

    The norm is over all axes of the kernel but the last, which are the layer's outputs: Dense, Conv1D, Conv2D and
    CausalConv1D have such kernels. `gain` g, of shape (outputs,), begins as ||v||, so that w is v at first. A filter of
    zeros is left as it is: it has no direction. Norms are computed in float32 under any precision; the precision of
    the answer is the wrapped layer's. That layer may have no state beside its weights: statistics would not be kept.

    Shapes: those of the layer. Parameters: the layer's, and one for each output.
    Raises InputError for a layer that has no kernel.
    Source: Salimans and Kingma 2016, equation 2.
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any):
        # Neither the weights nor the inputs are cast here: the wrapped layer casts both.
        super().__init__(layer, autocast=False, **(kwargs | {"dtype": "float32"}))

    def build(self, input_shape: Any) -> None:
        """Create the layer's weights and a gain for each of its outputs."""
        super().build(input_shape)
        if not hasattr(self.layer, "kernel"):
            raise InputError(f"WeightNorm wraps a layer with a kernel, {type(self.layer).__name__} has none")
        self.gain = self.add_weight(
            shape=(self.layer.kernel.shape[-1],), initializer=self._first_gain, autocast=False, name="gain"
        )
        self.built = True

    def _first_gain(self, shape: Sequence[int], dtype: Any = None) -> Any:
        return ops.cast(ops.reshape(ops.sqrt(_squared_norms(self.layer.kernel.value)), shape), dtype or "float32")

    def normalised_kernel(self) -> Any:
        """The kernel w that the layer computes with, in float32."""
        kernel = self.layer.kernel.value
        squares = _squared_norms(kernel)
        # Where all is 0, the root would have no gradient.
        return kernel * self.gain * ops.rsqrt(ops.where(squares > 0, squares, 1.0))

    def call(self, inputs: Any) -> Any:
        """Apply the layer, with w for its kernel."""
        # A scope hides the one around it, which a training step opens: all the layer's variables have to be told.
        kernel = self.layer.kernel
        told = [(variable, variable.value) for variable in self.layer.variables if variable is not kernel]
        with keras.StatelessScope([*told, (kernel, self.normalised_kernel())], initialize_variables=False):
            return self.layer(inputs)

    def compute_output_spec(self, inputs: Any) -> Any:
        """The layer's shape, in its precision."""
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), self.layer.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The layer's."""
        return self.layer.compute_output_shape(input_shape)

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """The layer's; scaling the kernel is not counted."""
        return multiply_adds_between(self.layer, input_shape, output_shape)


def _squared_norms(kernel: Any) -> Any:
    """The squared length of each output's part of a kernel (..., outputs): (1, ..., 1, outputs)."""
    return ops.sum(ops.square(kernel), axis=tuple(range(len(kernel.shape) - 1)), keepdims=True)
