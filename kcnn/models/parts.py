"""Blocks that several families share. Images are (N, height, width, channels), which CPUs like best."""

from typing import Any

import keras
from keras import layers


def tap(x: Any, name: str) -> Any:
    """The same tensor under a layer name at which the model can be looked at or cut."""
    return layers.Identity(name=name)(x)


def he_normal() -> Any:
    """Gaussian weights with variance 2 / fan-in (He et al. 2015); Keras's own `he_normal` has no tails."""
    return keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")


def batch_norm(name: str) -> Any:
    """Batch normalisation with the constants of the papers of its time, not Keras's."""
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)


def conv_norm(
    x: Any, filters: int, kernel: int, strides: int = 1, activation: str | None = "relu", *, name: str
) -> Any:
    """Convolution without bias, batch normalisation, activation: (h, w) to ceil((h, w) / strides).

    Both sides are padded alike. Keras's "same" is so only for stride 1: with a stride it pads the end alone.
    """
    padding = "same"
    if strides > 1:
        x = layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x)
        padding = "valid"
    x = layers.Conv2D(
        filters, kernel, strides, padding, use_bias=False, kernel_initializer=he_normal(), name=f"{name}_conv"
    )(x)
    x = batch_norm(f"{name}_norm")(x)
    return layers.Activation(activation, name=f"{name}_{activation}")(x) if activation else x


def logits(x: Any, classes: int, initializer: Any = "glorot_uniform") -> Any:
    """The classifier (N, features) to (N, classes): float32 under any precision, no softmax."""
    return layers.Dense(classes, kernel_initializer=initializer, dtype="float32", name="logits")(x)
