import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from kcnn.arithmetic.im2col import correlation_by_im2col
from kcnn.errors import InputError
from kcnn.layers.im2col_conv import Im2ColConv2D
from tests.contracts.layer import LayerContract

# height, width, channels; the arguments of Conv2D
CASES = [
    ((6, 5, 3), {"filters": 4, "kernel_size": 3}),
    ((6, 5, 3), {"filters": 4, "kernel_size": 1}),
    ((7, 9, 3), {"filters": 2, "kernel_size": (2, 4), "padding": "same"}),  # even: an odd zero
    ((7, 9, 2), {"filters": 3, "kernel_size": (3, 2), "strides": 2}),  # a row and a column are in no window
    ((7, 8, 2), {"filters": 3, "kernel_size": 5, "strides": (2, 3), "padding": "same"}),
    ((9, 8, 2), {"filters": 3, "kernel_size": 2, "strides": 3, "padding": "same"}),  # gaps between the windows
    ((9, 11, 2), {"filters": 3, "kernel_size": (3, 2), "dilation_rate": (2, 3)}),
    ((9, 11, 2), {"filters": 3, "kernel_size": 3, "dilation_rate": 3, "padding": "same"}),
    ((6, 5, 4), {"filters": 6, "kernel_size": 3, "groups": 2, "padding": "same"}),
    ((6, 5, 3), {"filters": 6, "kernel_size": 3, "groups": 3, "strides": 2}),  # depthwise, with a multiplier
    ((4, 5, 2), {"filters": 2, "kernel_size": (4, 5)}),  # one place
    ((3, 4, 2), {"filters": 2, "kernel_size": 9, "padding": "same"}),  # larger than the image
]


def drawn(shape, arguments):
    """Two images, and the weights of a layer."""
    rng = np.random.default_rng(0)
    layer = keras.layers.Conv2D(**arguments)
    layer.build((None, *shape))
    return rng.normal(size=(2, *shape)).astype("float32"), [rng.normal(size=w.shape) for w in layer.weights]


def answers(kind, x, weights, arguments):
    """The output, and the gradients to the input and the weights of a sum in which every output differs."""
    layer = kind(**arguments)
    layer.build(x.shape)
    layer.set_weights(weights)
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        loss = tf.reduce_sum(y * tf.reshape(tf.sin(tf.range(tf.size(y), dtype="float32")), y.shape))
    return y, *tape.gradient(loss, [x, *layer.trainable_weights])


def relative_error(answer, expected):
    """The norm of the difference over the norm of what is expected, both of whole arrays."""
    answer, expected = np.asarray(answer, "float64"), np.asarray(expected, "float64")
    assert answer.shape == expected.shape
    return np.linalg.norm(answer - expected) / np.linalg.norm(expected)


def assert_equals_keras(kind, shape, arguments):
    x, weights = drawn(shape, arguments)

    output, *gradients = answers(kind, x, weights, arguments)

    expected, *expected_gradients = answers(keras.layers.Conv2D, x, weights, arguments)
    assert relative_error(output, expected) < 1e-5
    for gradient, expected_gradient in zip(gradients, expected_gradients, strict=True):
        assert relative_error(gradient, expected_gradient) < 1e-4


ON_JAX = """
import sys, json, numpy as np, keras, jax
from kcnn import layers
kind, arguments, file = getattr(layers, sys.argv[1]), json.loads(sys.argv[2]), np.load(sys.argv[3])
layer = kind(**arguments)
layer.build(file["x"].shape)
layer.set_weights([file["kernel"], file["bias"]])
state = [v.value for v in layer.trainable_variables]
def loss(state, x):
    y, _ = layer.stateless_call(state, [], x)
    return (y ** 2).sum(), y
(_, y), (gradients, dx) = jax.jit(jax.value_and_grad(loss, (0, 1), has_aux=True))(state, file["x"])
np.savez(sys.argv[4], y=y, dx=dx, dkernel=gradients[0], dbias=gradients[1])
"""


def assert_jax_gives_the_same(kind, folder):
    """Output and gradients of a compiled step on JAX, against Conv2D's on TensorFlow."""
    shape, arguments = (9, 8, 4), {"filters": 6, "kernel_size": [4, 3], "strides": 2, "padding": "same", "groups": 2}
    x, (kernel, bias) = drawn(shape, arguments)
    np.savez(folder / "in.npz", x=x, kernel=kernel, bias=bias)
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    given = (kind.__name__, json.dumps(arguments), folder / "in.npz", folder / "out.npz")

    done = subprocess.run(
        [sys.executable, "-c", ON_JAX, *map(str, given)], env=environment, check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    layer = keras.layers.Conv2D(**arguments)
    layer.build(x.shape)
    layer.set_weights([kernel, bias])
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        loss = tf.reduce_sum(y**2)
    expected = [y, *tape.gradient(loss, [x, *layer.trainable_weights])]
    found = np.load(folder / "out.npz")
    for name, value in zip(("y", "dx", "dkernel", "dbias"), expected, strict=True):
        assert relative_error(found[name], value) < 1e-5, name


class TestContract(LayerContract):
    input_shape = (5, 4, 3)

    def make(self, **kwargs):
        return Im2ColConv2D(6, (3, 2), **kwargs)


class TestStridedContract(LayerContract):
    input_shape = (6, 5, 4)

    def make(self, **kwargs):
        return Im2ColConv2D(6, 3, strides=2, padding="same", groups=2, use_bias=False, **kwargs)


@pytest.mark.parametrize(("shape", "arguments"), CASES)
def test_it_equals_keras_convolution_and_so_do_its_gradients(shape, arguments):
    assert_equals_keras(Im2ColConv2D, shape, arguments)


def test_it_equals_the_matrix_product_in_numpy():
    arguments = {"filters": 6, "kernel_size": (3, 2), "strides": 2, "padding": "same", "groups": 2}
    x, (kernel, bias) = drawn((7, 6, 4), arguments)

    output = answers(Im2ColConv2D, x, [kernel, bias], arguments)[0]

    assert relative_error(output, correlation_by_im2col(x, kernel, "same", 2, 1, 2) + bias) < 1e-5


def assert_takes_images_of_any_size(kind, arguments):
    inputs = keras.Input((None, None, 4))
    layer = kind(**arguments)
    model = keras.Model(inputs, layer(inputs))
    same = keras.layers.Conv2D(**arguments)
    same.build((None, None, None, 4))
    same.set_weights(layer.get_weights())

    for size in (7, 9), (12, 8):
        x = np.random.default_rng(0).normal(size=(2, *size, 4)).astype("float32")
        assert relative_error(model.predict(x, verbose=0), same(x)) < 1e-5


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("more", [{}, {"strides": 3}, {"dilation_rate": 2}, {"groups": 2}])
def test_the_size_of_the_images_may_be_unknown(padding, more):
    assert_takes_images_of_any_size(Im2ColConv2D, {"filters": 2, "kernel_size": (4, 3), "padding": padding, **more})


def test_it_runs_and_trains_on_jax(tmp_path):
    assert_jax_gives_the_same(Im2ColConv2D, tmp_path)


def test_what_it_costs_is_what_the_convolution_costs():
    assert Im2ColConv2D(6, 5).multiply_adds((None, 32, 32, 1), (None, 28, 28, 6)) == 117_600


def test_channels_first_is_refused():
    with pytest.raises(InputError, match="data_format of Im2ColConv2D must be 'channels_last', got 'channels_first'"):
        Im2ColConv2D(6, 3, data_format="channels_first")
