import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kcnn.errors import InputError
from kcnn.layers import CausalConv1D, WeightNorm
from kcnn.layers.precision import precision
from tests.contracts.layer import LayerContract

X = np.random.default_rng(0).normal(size=(4, 6, 3)).astype("float32")
WRAPPED = {
    "dense": lambda: layers.Dense(5),
    "conv1d": lambda: layers.Conv1D(5, 2),
    "causal": lambda: CausalConv1D(5, 2, dilation_rate=2),
}


class TestContract(LayerContract):
    input_shape = (6, 3)

    def make(self, **kwargs):
        policy = kwargs.pop("dtype", None)
        return WeightNorm(CausalConv1D(5, 3, strides=2, dtype=policy, name="conv"), **kwargs)


class TestContract2D(LayerContract):
    input_shape = (5, 4, 3)

    def make(self, **kwargs):
        policy = kwargs.pop("dtype", None)
        return WeightNorm(layers.Conv2D(4, (2, 3), dtype=policy, name="conv"), **kwargs)


def built(kind, x=X):
    layer = WeightNorm(WRAPPED[kind]())
    layer.build(x.shape)
    return layer


def normalised(kernel, gain):
    """Salimans and Kingma 2016, equation 2."""
    return gain * kernel / np.sqrt((kernel**2).sum(axis=tuple(range(kernel.ndim - 1))))


@pytest.mark.parametrize("kind", WRAPPED)
def test_at_first_it_answers_as_the_layer_alone(kind):
    layer = built(kind)
    gain, kernel, _ = layer.get_weights()

    np.testing.assert_allclose(gain, np.sqrt((kernel**2).sum(axis=tuple(range(kernel.ndim - 1)))), rtol=1e-5)
    np.testing.assert_allclose(layer(X), layer.layer(X), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", WRAPPED)
def test_then_it_answers_as_the_layer_with_the_normalised_kernel(kind):
    layer, alone = built(kind), WRAPPED[kind]()
    rng = np.random.default_rng(1)
    gain, kernel, bias = (rng.normal(size=weight.shape).astype("float32") for weight in layer.weights)
    layer.set_weights([gain, kernel, bias])
    alone.build(X.shape)
    alone.set_weights([normalised(kernel, gain), bias])

    np.testing.assert_allclose(layer(X), alone(X), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer.normalised_kernel(), normalised(kernel, gain), rtol=1e-5)


def small_model(policy="float32", steps=6):
    with precision(policy):
        inputs = keras.Input((steps, 3))
        x = WeightNorm(CausalConv1D(5, 2, strides=2, name="conv"), name="norm")(inputs)
        x = layers.GlobalAveragePooling1D()(layers.Activation("tanh")(x))
        return keras.Model(inputs, layers.Dense(1, dtype="float32")(x))


def drawn(model):
    rng = np.random.default_rng(2)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.weights])
    return model


def gradients(model):
    """Of the sum of the answers, in a compiled training step that gives the weights from outside."""

    @tf.function
    def step(values, others, x):
        with tf.GradientTape() as tape:
            tape.watch(values)
            answer, _ = model.stateless_call(values, others, x, training=True)
            total = tf.reduce_sum(answer)
        return tape.gradient(total, values)

    values = [tf.constant(variable.numpy()) for variable in model.trainable_variables]
    return [np.asarray(one) for one in step(values, [v.value for v in model.non_trainable_variables], tf.constant(X))]


def test_gradients_reach_direction_and_gain_as_the_paper_says():
    """Equation 3, from the gradient to the kernel of the same model without weight normalisation."""
    model = drawn(small_model())
    layer = model.get_layer("norm")
    gain, kernel, bias = layer.get_weights()
    inputs = keras.Input((6, 3))
    x = CausalConv1D(5, 2, strides=2)(inputs)
    plain = keras.Model(inputs, model.layers[-1](layers.GlobalAveragePooling1D()(layers.Activation("tanh")(x))))
    plain.layers[1].set_weights([normalised(kernel, gain), bias])

    to_gain, to_kernel, *rest = gradients(model)
    to_w, *expected_rest = gradients(plain)

    length = np.sqrt((kernel**2).sum((0, 1)))
    expected_gain = (to_w * kernel).sum((0, 1)) / length
    np.testing.assert_allclose(to_gain, expected_gain, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(
        to_kernel, gain / length * to_w - gain * expected_gain / length**2 * kernel, rtol=1e-3, atol=1e-5
    )
    for one, other in zip(rest, expected_rest, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


ON_JAX = """
import sys
import jax
import numpy as np
from tests.layers.test_weight_norm import X, drawn, small_model

model = drawn(small_model())
values, others = ([v.value for v in vs] for vs in (model.trainable_variables, model.non_trainable_variables))
total = lambda values: model.stateless_call(values, others, X, training=True)[0].sum()
found = jax.jit(jax.grad(total))(values)
np.savez(sys.argv[1], *map(np.asarray, found))
"""


def test_jax_finds_the_gradients_of_tensorflow(tmp_path):
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", ON_JAX, str(tmp_path / "jax.npz")]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

    found = np.load(tmp_path / "jax.npz")

    for name, expected in zip(found, gradients(drawn(small_model())), strict=True):
        np.testing.assert_allclose(found[name], expected, rtol=1e-3, atol=1e-5)


def test_a_filter_of_zeros_gives_zeros_and_finite_gradients():
    model = drawn(small_model())
    layer = model.get_layer("norm")
    gain, kernel, bias = layer.get_weights()
    kernel[..., 1] = 0
    layer.set_weights([gain, kernel, bias])

    assert np.isfinite(model(X)).all()
    np.testing.assert_array_equal(layer.normalised_kernel()[..., 1], 0)
    assert all(np.isfinite(one).all() for one in gradients(model))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_norms_are_computed_in_float32(policy):
    """The sum of squares of such a kernel is beyond half precision, and its gain is not a number of it."""
    layer = WeightNorm(layers.Dense(2, use_bias=False, dtype=policy))
    layer.build((None, 3))
    kernel = np.array([[600.0, 1e-4], [0.0, 1e-4], [800.0, 1e-4]], "float32")
    layer.set_weights([np.float32([1.0001, 2.0]), kernel])

    with precision(policy):
        inputs = keras.Input((3,))
        model = keras.Model(inputs, layers.Activation("linear", dtype="float32")(layer(inputs)))
    inside = [layer.normalised_kernel(), *model(np.eye(3, dtype="float32"))]

    np.testing.assert_allclose(inside[0], normalised(kernel, np.float32([1.0001, 2.0])), rtol=1e-6)
    np.testing.assert_allclose(np.stack(inside[1:]), inside[0], rtol=0.01)


def test_a_clone_with_its_weights_answers_the_same():
    model = drawn(small_model())
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())

    np.testing.assert_array_equal(clone(X), model(X))


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_the_number_of_steps_may_be_unknown(policy):
    known, unknown = (drawn(small_model(policy, steps)) for steps in (6, None))

    assert unknown.get_layer("norm").output.shape == (None, None, 5)
    assert unknown.get_layer("norm").output.dtype == policy.removeprefix("mixed_")
    np.testing.assert_array_equal(unknown(X), known(X))


def test_its_parameters_are_the_layers_and_a_gain_for_each_output():
    layer = built("causal")

    assert [weight.shape for weight in layer.weights] == [(5,), (2, 3, 5), (5,)]
    assert layer.multiply_adds((None, 6, 3), (None, 6, 5)) == 6 * 2 * 3 * 5
    assert built("dense").multiply_adds((None, 6, 3), (None, 6, 5)) == 6 * 3 * 5


def test_a_layer_without_a_kernel_is_refused():
    with pytest.raises(InputError, match="WeightNorm wraps a layer with a kernel, LayerNormalization has none"):
        WeightNorm(layers.LayerNormalization()).build((None, 3))
