"""The S-cells of the neocognitron: feature detectors with shunting inhibition, shared over the whole plane."""

from math import prod
from typing import Any

import keras
import numpy as np
from keras import ops

from kcnn.arithmetic.sizes import output_size
from kcnn.errors import InputError

INITIAL = 0.1
"""The first excitatory weights over c: little beside one reinforcement of the later layers."""


def decaying_window(size: int, decay: float) -> np.ndarray:
    """decay^|v| for every place v of a (size, size) window, |v| its distance from the centre: 1 there."""
    offsets = np.arange(size) - (size - 1) / 2
    return decay ** np.hypot(offsets[:, None], offsets[None, :])


def first_weights(c: np.ndarray, planes: int) -> np.ndarray:
    """(size, size, inputs, planes): small positive weights with a weak preference for one orientation a plane.

    The paper makes them a function of v, k/K and |k'/K' - k/K| (k of K planes, k' of K' input planes) without
    any randomness. The formula here is our own: c (size, size, inputs) times up to 1.5 along the angle pi k/K and
    down to 0.5 across it, falling with |k'/K' - k/K|; a single input plane is liked by all.
    """
    size, _, inputs = c.shape
    offsets = np.arange(size) - (size - 1) / 2
    angles = np.arctan2(-offsets[:, None], offsets[None, :])[..., None]
    places = np.arange(planes) / planes
    oriented = 1 + np.cos(2 * (angles - np.pi * places)) / 2  # size, size, planes
    alike = 1 - np.abs(np.arange(inputs)[:, None] / inputs - places) if inputs > 1 else np.ones((1, planes))
    return INITIAL * c[..., None] * oriented[:, :, None] * alike


@keras.saving.register_keras_serializable(package="kcnn")
class SCells(keras.layers.Layer):
    """u = r phi[(1 + sum a u_C) / (1 + 2r/(1+r) b v_C) - 1], with phi(x) = max(x, 0), at every place of every plane.

    `a` (kernel_size, kernel_size, inputs, planes) weighs the inputs u_C in the window, and `b` (planes,) the one
    inhibitory V-cell of the place: v_C = sqrt(sum c u_C^2), whose fixed weights c are proportional to
    decay^|v|, equal in all input planes, and sum to 1. The larger the selectivity r, the more alike the
    window must be to what was learned: with much learned, a cell answers above a cosine of r / (1 + r).

    The inputs must not be negative. `a` starts small and positive, `b` at 0. They are what the network learns,
    and so count as trainable; `kcnn.training.neocognitron` learns them, without a gradient.

    Shapes: (N, H, W, inputs) to (N, H + 2 padding - kernel_size + 1, the same of W, planes), with zeros outside.
    Trainable parameters: kernel_size^2 x inputs x planes + planes.
    Raises InputError for a selectivity that is not positive, a decay outside 0..1, a count below 1, and where
    the window does not fit.
    Source: Fukushima 1980, section 2. The paper wants c to fall with |v|; that it falls as decay^|v| is our choice.
    """

    def __init__(
        self, planes: int, kernel_size: int, selectivity: float, padding: int = 0, decay: float = 0.9, **kwargs: Any
    ):
        super().__init__(**kwargs)
        if min(planes, kernel_size) < 1:
            raise InputError(f"planes and kernel_size must be at least 1, got {planes} and {kernel_size}")
        if not selectivity > 0:
            raise InputError(f"selectivity must be positive, got {selectivity}")
        if not 0 < decay <= 1:
            raise InputError(f"decay must be above 0 and at most 1, got {decay}")
        self.planes = planes
        self.kernel_size = kernel_size
        self.selectivity = selectivity
        self.padding = padding
        self.decay = decay

    def build(self, input_shape: Any) -> None:
        """Create the weights to be learned; c is fixed by the shape."""
        size, inputs = self.kernel_size, input_shape[-1]
        window = decaying_window(size, self.decay)
        self.c = np.repeat(window[:, :, None] / (window.sum() * inputs), inputs, axis=2)  # size, size, inputs
        self.a = self.add_weight(
            shape=(size, size, inputs, self.planes),
            initializer=lambda shape, dtype: ops.convert_to_tensor(first_weights(self.c, self.planes), dtype),
            name="a",
        )
        self.b = self.add_weight(shape=(self.planes,), initializer="zeros", name="b")
        self.built = True

    def _windows_times(self, inputs: Any, kernel: Any) -> Any:
        edge = (self.padding, self.padding)
        padded = ops.pad(inputs, ((0, 0), edge, edge, (0, 0)))
        return ops.conv(padded, kernel, padding="valid", data_format="channels_last")

    def inhibition(self, inputs: Any) -> Any:
        """v_C (N, height, width, 1): the weighted root mean square of the inputs in each window."""
        c = ops.convert_to_tensor(self.c[..., None], inputs.dtype)
        power = self._windows_times(ops.square(inputs), c)
        # The root has no gradient at 0, which every blank window would turn into NaN.
        some = power > 0
        return ops.where(some, ops.sqrt(ops.where(some, power, 1)), 0)

    def call(self, inputs: Any) -> Any:
        """Excite, inhibit, and keep what is positive."""
        excitation = self._windows_times(inputs, self.a)
        r = self.selectivity
        inhibition = 2 * r / (1 + r) * self.b * self.inhibition(inputs)
        # (1 + e) / (1 + h) - 1, without the rounding of 1 + e while e is small.
        return r * ops.relu((excitation - inhibition) / (1 + inhibition))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, H + 2 padding - kernel_size + 1, W + 2 padding - kernel_size + 1, planes)."""
        count, *sizes, _ = input_shape
        sizes = [size and output_size(size, self.kernel_size, padding=self.padding) for size in sizes]
        return count, *sizes, self.planes

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """At every place: each weight of `a` and `b` once, and each weight c of the one V-cell once."""
        window = self.kernel_size**2 * input_shape[-1]
        return prod(output_shape[1:-1]) * (window * self.planes + self.planes + window)

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {
            **super().get_config(),
            "planes": self.planes,
            "kernel_size": self.kernel_size,
            "selectivity": self.selectivity,
            "padding": self.padding,
            "decay": self.decay,
        }
