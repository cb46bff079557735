"""The convolution of LeCun's networks, in which an output map sees only some of the input maps."""

from collections.abc import Sequence
from math import prod
from typing import Any

import keras
import numpy as np
from keras import ops

from kcnn.arithmetic.sizes import output_size
from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class PartialConnectionConv2D(keras.layers.Layer):
    """A valid convolution whose output map j sees input map i only where `table[i][j]` is true.

    Weights exist for the true entries alone: `kernel` has shape (connections, kernel_size, kernel_size), in
    the order of the table's rows. A product with a constant 0/1 matrix spreads them into a dense kernel, so
    that one fast dense convolution does the work.

    Each weight starts uniform in +-2.4 / F, where F is the number of inputs of its unit (the paper's
    appendix A); the biases start at 0.

    Shapes: (N, H, W, inputs) to (N, (H - kernel_size) // strides + 1, (W - kernel_size) // strides + 1, outputs),
    for a table of inputs x outputs. Trainable parameters: connections x kernel_size^2, and outputs with `use_bias`.
    Raises InputError where the table is ragged, an output sees no input, or the channels are not its rows.
    Sources: LeCun, Bottou, Bengio, Haffner 1998, section II-B, layer C3 and table I; LeCun et al. 1989, layer H2.
    """

    def __init__(
        self,
        table: Sequence[Sequence[bool]],
        kernel_size: int,
        strides: int = 1,
        use_bias: bool = True,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if len({len(row) for row in table}) != 1:
            raise InputError("the rows of the table must have one length, and there must be one at least")
        connected = np.array(table, dtype=bool)
        if not connected.any(axis=0).all():
            raise InputError(f"outputs {np.flatnonzero(~connected.any(axis=0)).tolist()} see no input")
        self.table = connected.tolist()
        self.kernel_size = kernel_size
        self.strides = strides
        self.use_bias = use_bias
        self.inputs, self.outputs = connected.shape
        self.connections = int(connected.sum())
        # Row (i, j) of this matrix picks the weight of connection i -> j; it is zero where there is none.
        places = np.flatnonzero(connected)
        self._spread = np.zeros((connected.size, self.connections), "float32")
        self._spread[places, np.arange(self.connections)] = 1
        fan_in = connected.sum(axis=0) * kernel_size**2
        self._limits = (2.4 / fan_in[places % self.outputs]).reshape(-1, 1, 1)

    def build(self, input_shape: Any) -> None:
        """Create one small kernel for each connection, and perhaps a bias for each output map."""
        if input_shape[-1] != self.inputs:
            raise InputError(f"the table connects {self.inputs} input maps, got {input_shape[-1]}")
        self.kernel = self.add_weight(
            shape=(self.connections, self.kernel_size, self.kernel_size),
            initializer=self._initial,
            name="kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.outputs,), initializer="zeros", name="bias")
        self.built = True

    def _initial(self, shape: Any, dtype: Any) -> Any:
        return keras.random.uniform(shape, -1, 1, dtype) * ops.convert_to_tensor(self._limits, dtype)

    def dense_kernel(self) -> Any:
        """The kernel (kernel_size, kernel_size, inputs, outputs), with zeros where there is no connection."""
        flat = ops.reshape(self.kernel, (self.connections, self.kernel_size**2))
        dense = ops.matmul(ops.convert_to_tensor(self._spread, flat.dtype), flat)
        dense = ops.reshape(dense, (self.inputs, self.outputs, self.kernel_size, self.kernel_size))
        return ops.transpose(dense, (2, 3, 0, 1))

    def call(self, inputs: Any) -> Any:
        """Convolve."""
        x = ops.conv(inputs, self.dense_kernel(), self.strides, "valid", data_format="channels_last")
        return x + self.bias if self.use_bias else x

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, (H - kernel_size) // strides + 1, (W - kernel_size) // strides + 1, outputs)."""
        count, *sizes, _ = input_shape
        return count, *(size and output_size(size, self.kernel_size, self.strides) for size in sizes), self.outputs

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """Every existing weight once at every place; the zeros of the dense kernel are not counted."""
        return prod(output_shape[1:-1]) * self.connections * self.kernel_size**2

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {
            **super().get_config(),
            "table": self.table,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "use_bias": self.use_bias,
        }
