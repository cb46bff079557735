import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers.fft_conv import FFTConv2D
from tests.contracts.layer import LayerContract
from tests.layers.test_im2col_conv import (
    CASES,
    answers,
    assert_equals_keras,
    assert_jax_gives_the_same,
    assert_takes_images_of_any_size,
    drawn,
    relative_error,
)


class TestContract(LayerContract):
    input_shape = (5, 4, 3)

    def make(self, **kwargs):
        return FFTConv2D(6, (3, 2), **kwargs)


class TestStridedContract(LayerContract):
    input_shape = (6, 5, 4)

    def make(self, **kwargs):
        return FFTConv2D(6, 3, strides=2, padding="same", groups=2, use_bias=False, **kwargs)


@pytest.mark.parametrize(("shape", "arguments"), CASES)
def test_it_equals_keras_convolution_and_so_do_its_gradients(shape, arguments):
    assert_equals_keras(FFTConv2D, shape, arguments)


@pytest.mark.parametrize("size", [(64, 64), (61, 67)])
def test_large_kernels_are_as_exact(size):
    assert_equals_keras(FFTConv2D, (*size, 4), {"filters": 4, "kernel_size": 31, "padding": "same"})


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("more", [{}, {"strides": 3}, {"dilation_rate": 2}, {"groups": 2}])
def test_the_size_of_the_images_may_be_unknown(padding, more):
    assert_takes_images_of_any_size(FFTConv2D, {"filters": 2, "kernel_size": (4, 3), "padding": padding, **more})


def test_it_runs_and_trains_on_jax(tmp_path):
    assert_jax_gives_the_same(FFTConv2D, tmp_path)


def test_an_image_does_not_change_the_answer_to_another():
    arguments = {"filters": 4, "kernel_size": 3, "padding": "same"}
    x, weights = drawn((8, 8, 3), arguments)
    alone = answers(FFTConv2D, x, weights, arguments)[0][0]
    x[1] *= 1e6

    assert relative_error(answers(FFTConv2D, x, weights, arguments)[0][0], alone) < 1e-6


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_everywhere_in_its_image_and_in_no_other(value):
    arguments = {"filters": 4, "kernel_size": 3}
    x, weights = drawn((8, 8, 3), arguments)
    x[0, 0, 0, 0] = value

    first, second = np.asarray(answers(FFTConv2D, x, weights, arguments)[0])

    assert not np.isfinite(first).any()
    assert np.isfinite(second).all()


@pytest.mark.parametrize(("policy", "digits"), [("mixed_bfloat16", 8), ("mixed_float16", 11)])
def test_half_precision_rounds_the_operands_and_the_answer_alone(policy, digits):
    """Transforms in half precision would add an error for each of their stages, and overflow float16."""
    arguments = {"filters": 4, "kernel_size": 15, "padding": "same", "use_bias": False}
    x, (kernel,) = drawn((32, 32, 8), arguments)
    dtype = policy.removeprefix("mixed_")
    x, kernel = (keras.ops.convert_to_numpy(keras.ops.cast(keras.ops.cast(a, dtype), "float32")) for a in (x, kernel))

    output = answers_in(policy, x, kernel, arguments)

    assert relative_error(output, answers(keras.layers.Conv2D, x, [kernel], arguments)[0]) < 2.0**-digits


def answers_in(policy, x, kernel, arguments):
    layer = FFTConv2D(**arguments, dtype=policy)
    layer.build(x.shape)
    layer.set_weights([kernel])
    return keras.ops.cast(layer(x), "float32")


def test_float64_is_computed_in_float64():
    arguments = {"filters": 3, "kernel_size": 3, "dtype": "float64"}
    x = np.random.default_rng(0).normal(size=(2, 9, 8, 2))
    ours, theirs = FFTConv2D(**arguments), keras.layers.Conv2D(**arguments)
    theirs.build(x.shape)
    ours.build(x.shape)
    ours.set_weights(theirs.get_weights())

    assert relative_error(ours(x), theirs(x)) < 1e-14


def test_what_it_says_it_costs_is_what_the_convolution_costs():
    assert FFTConv2D(6, 5).multiply_adds((None, 32, 32, 1), (None, 28, 28, 6)) == 117_600


def test_channels_first_is_refused():
    with pytest.raises(InputError, match="data_format of FFTConv2D must be 'channels_last', got 'channels_first'"):
        FFTConv2D(6, 3, data_format="channels_first")
