"""The deconvnet's projection: what in the image made a map answer most.

Source: Zeiler and Fergus 2014, section 2.1.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from kcnn.errors import InputError
from kcnn.explain.network import array, at_labels, batch, maps
from kcnn.layers.block import Block


def project(model: keras.Model, images: np.ndarray, tap: str, unit: int) -> np.ndarray:
    """The strongest activation of map `unit` at `tap`, all others set to 0, brought down to the pixels: (N, H, W, C).

    The way down is that of the gradient: transposed convolutions, and maxima back to where they came from. But each
    ReLU lets through what of the signal is positive, wherever it was active itself. Other activations keep their
    own derivative.
    Raises InputError for a tap without such a map, images that do not fit the network, or a network that is not flat.
    """
    answer = maps(model, tap)
    if not 0 <= unit < answer.shape[-1]:
        raise InputError(f"unit must be at least 0 and below {answer.shape[-1]}, the maps of {tap!r}, got {unit}")
    below = keras.Model(model.input, answer)
    rectifying = keras.models.clone_model(below, clone_function=_with_rectified_signal)
    rectifying.set_weights(below.get_weights())
    pixels = batch(model, images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        activations = tf.reshape(rectifying(pixels, training=False)[..., unit], (len(images), -1))
        strongest = at_labels(activations, tf.argmax(activations, axis=1))
        # The derivative of this is the activation itself, which is the signal that goes down.
        signal = tf.square(strongest) / 2
    return array(tape.gradient(signal, pixels))


def _with_rectified_signal(layer: keras.layers.Layer) -> keras.layers.Layer:
    """The same layer with fresh weights; if it is or ends in a ReLU, with the deconvnet's derivative."""
    if isinstance(layer, Block | keras.Model):
        raise InputError(f"model must be flat, got {layer.name}, which holds layers")
    if isinstance(layer, keras.layers.ReLU) and not layer.negative_slope and not layer.threshold:
        return keras.layers.Activation(_rectifier(layer.max_value), name=layer.name, dtype=layer.dtype_policy)
    copy = type(layer).from_config(layer.get_config())
    if (activation := getattr(copy, "activation", None)) in _LIMITS:
        copy.activation = _rectifier(_LIMITS[activation])
    return copy


_LIMITS = {keras.activations.relu: None, keras.activations.relu6: 6.0}


def _rectifier(limit: float | None) -> Callable[[tf.Tensor], tf.Tensor]:
    """ReLU, at most `limit`, whose backward pass is a ReLU of the signal."""

    @tf.custom_gradient
    def rectify(x: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
        answer = tf.nn.relu(x)
        return answer if limit is None else tf.minimum(answer, limit), tf.nn.relu

    return rectify
