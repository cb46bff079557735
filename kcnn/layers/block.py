"""Blocks: several layers under one name, and the parts that most blocks are made of."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.arithmetic.sizes import each
from kcnn.layers.clip_padding import ClipPadding
from kcnn.layers.cost import multiply_adds
from kcnn.layers.grouped_conv import GroupedConv2D
from kcnn.layers.normalization import normalization
from kcnn.layers.precision import precision

Norm = Mapping[str, Any] | None
"""The arguments of `normalization`, or None for none."""

BATCH: Norm = {"kind": "batch"}


class Block(keras.layers.Layer):
    """Several layers that are written down once, in `inline`, and used in two ways.

    `block(x)` is one layer, which hides what it is made of. `block.inline(x)` puts its layers, named after it, into
    the graph that `x` belongs to; that is how the families build flat networks.

    Subclasses write `inline`, and name in `arguments` what their `__init__` takes and keeps.
    """

    arguments: tuple[str, ...] = ()
    graph: keras.Model

    def inline(self, x: Any) -> Any:
        """The block's layers applied to a symbolic tensor (N, H, W, C)."""
        raise NotImplementedError

    def build(self, input_shape: Any) -> None:
        """Make the layers, in the block's own precision, for images of any size."""
        self.graph = self._graph((None, None, input_shape[-1]))
        self.built = True

    def _graph(self, shape: Any) -> keras.Model:
        with precision(self.dtype_policy):
            inputs = keras.Input(shape, dtype=self.compute_dtype)
            return keras.Model(inputs, self.inline(inputs))

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Apply the layers."""
        return self.graph(inputs, training=training)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """What the layers make of the shape."""
        graph = self.graph if self.built else self._graph(input_shape[1:])
        return graph.compute_output_shape(input_shape)

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """Those of the layers together."""
        return sum(multiply_adds(layer) for layer in self._graph(input_shape[1:]).layers)

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), **{name: getattr(self, name) for name in self.arguments}}


def he_normal() -> Any:
    """Gaussian weights with variance 2 / fan-in (He et al. 2015); Keras's own `he_normal` has no tails."""
    return keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")


def act(x: Any, activation: str | None, name: str) -> Any:
    """An activation as a layer of its own; None is no layer."""
    return layers.Activation(activation, name=f"{name}_{activation}")(x) if activation else x


def normalised(x: Any, norm: Norm, name: str) -> Any:
    """A normalisation as a layer of its own; None is no layer."""
    return normalization(channels=x.shape[-1], name=f"{name}_norm", **norm)(x) if norm else x


def conv(
    x: Any,
    filters: int,
    kernel: int,
    strides: int = 1,
    *,
    name: str,
    activation: str | None = "relu",
    norm: Norm = None,
    groups: int = 1,
    dilation: int = 1,
    padding: str = "symmetric",
    use_bias: bool | None = None,
) -> Any:
    """Convolution, normalisation, activation: (N, H, W, C) to (N, ceil(H / strides), ceil(W / strides), filters).

    `padding` is "symmetric" (both sides alike, as in the papers' frameworks), "same" (Keras's: with a stride the
    end gets more) or "valid" (none). There is a bias where there is no normalisation, unless `use_bias` says else.
    """
    x, padding = padded(x, kernel, strides, padding, name)
    kind = GroupedConv2D if groups > 1 else layers.Conv2D
    x = kind(
        filters,
        kernel,
        strides=strides,
        padding=padding,
        dilation_rate=dilation,
        groups=groups,
        use_bias=not norm if use_bias is None else use_bias,
        kernel_initializer=he_normal(),
        name=f"{name}_conv",
    )(x)
    return act(normalised(x, norm, name), activation, name)


def conv_3d(
    x: Any,
    filters: int,
    kernel: int | Sequence[int],
    strides: int | Sequence[int] = 1,
    *,
    name: str,
    activation: str | None = "relu",
    norm: Norm = None,
    padding: str = "symmetric",
) -> Any:
    """The same for clips: (N, T, H, W, C) to (N, ceil(T / s), ceil(H / s), ceil(W / s), filters).

    `kernel` and `strides` are for every axis, or (time, height, width); "symmetric" padding needs odd kernels.
    """
    kernel, strides = each("kernel", kernel, 3), each("strides", strides, 3)
    if padding == "symmetric" and max(strides) > 1:
        if max(kernel) > 1:
            x = ClipPadding([length // 2 for length in kernel], name=f"{name}_pad")(x)
        padding = "valid"
    x = layers.Conv3D(
        filters,
        kernel,
        strides=strides,
        padding="same" if padding == "symmetric" else padding,
        use_bias=not norm,
        kernel_initializer=he_normal(),
        name=f"{name}_conv",
    )(x)
    return act(normalised(x, norm, name), activation, name)


def depthwise(
    x: Any,
    kernel: int,
    strides: int = 1,
    *,
    name: str,
    activation: str | None = "relu",
    norm: Norm = BATCH,
    padding: str = "symmetric",
) -> Any:
    """Each map filtered by itself, normalisation, activation; shapes and padding as in `conv`."""
    x, padding = padded(x, kernel, strides, padding, name)
    # A unit sees kernel^2 numbers: Keras calls that the fan-out of such a kernel, and the sum over all maps the fan-in.
    initial = keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
    x = layers.DepthwiseConv2D(
        kernel, strides, padding, use_bias=not norm, depthwise_initializer=initial, name=f"{name}_conv"
    )(x)
    return act(normalised(x, norm, name), activation, name)


def padded(x: Any, kernel: int, strides: int, padding: str, name: str) -> tuple[Any, str]:
    """The tensor, and the padding that is left for a Keras layer, which knows "same" and "valid" only."""
    if padding != "symmetric":
        return x, padding
    if strides == 1:
        return x, "same"
    return (layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x), "valid") if kernel > 1 else (x, "valid")


def max_pool(x: Any, size: int, strides: int, *, name: str, ceil: bool = False, padding: int = 0) -> Any:
    """The maximum of each window of a map without negative numbers, as it is after a ReLU: zeros pad it.

    `padding` is that on every side. With `ceil` the last window may reach beyond the end, as Caffe's do.
    """
    after = [padding + _beyond(length + 2 * padding, size, strides) * ceil for length in x.shape[1:3]]
    if any(after):
        x = layers.ZeroPadding2D([(padding, end) for end in after], name=f"{name}_pad")(x)
    return layers.MaxPooling2D(size, strides, name=name)(x)


def _beyond(length: int, size: int, strides: int) -> int:
    """What is missing to a last whole window, if that would begin inside."""
    return -(length - size) % strides if length >= size else size - length
