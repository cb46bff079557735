from itertools import product

import keras
import numpy as np
import pytest
import tensorflow as tf

from kcnn.arithmetic.transposed import transposed_correlation
from kcnn.errors import InputError
from kcnn.layers.transposed_conv import TransposedConv1D, TransposedConv2D
from tests.contracts.layer import LayerContract


class TestContract1D(LayerContract):
    input_shape = (6, 4)

    def make(self, **kwargs):
        return TransposedConv1D(6, 3, strides=2, padding=1, output_padding=1, groups=2, **kwargs)


class TestContract2D(LayerContract):
    input_shape = (5, 4, 3)

    def make(self, **kwargs):
        return TransposedConv2D(2, (3, 2), strides=(2, 1), padding="same", dilation=(1, 2), **kwargs)


def made(kind, x, weights, *arguments, **options):
    layer = kind(weights.shape[-2] * options.get("groups", 1), weights.shape[:-2], *arguments, **options)
    layer.build(x.shape)
    bias = np.linspace(-1, 1, layer.filters)
    layer.set_weights([weights, bias])
    return layer, bias


# stride, padding, output padding, dilation, groups
GRID = [rule for rule in product([1, 2, 3], [0, 1, 2], [0, 1, 2], [1, 2], [1, 2]) if rule[2] < max(rule[0], rule[3])]


@pytest.mark.parametrize(("stride", "padding", "output_padding", "dilation", "groups"), GRID)
def test_along_two_axes_it_equals_the_scattering_of_arithmetic(stride, padding, output_padding, dilation, groups):
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(2, 4, 3, 4)).astype("float32"), rng.normal(size=(3, 4, 3, 4))
    layer, bias = made(TransposedConv2D, x, kernel, stride, padding, output_padding, dilation, groups=groups)
    expected = transposed_correlation(x, kernel, stride, padding, output_padding, dilation, groups) + bias

    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("stride", "padding", "output_padding", "dilation", "groups"), GRID)
def test_along_one_axis_it_equals_the_scattering_of_arithmetic(stride, padding, output_padding, dilation, groups):
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(2, 4, 4)).astype("float32"), rng.normal(size=(3, 3, 4))
    layer, bias = made(TransposedConv1D, x, kernel, stride, padding, output_padding, dilation, groups=groups)
    expected = transposed_correlation(x, kernel, stride, padding, output_padding, dilation, groups) + bias

    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("groups", [1, 3])
def test_each_axis_may_have_its_own_numbers(groups):
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(2, 4, 3, 6)).astype("float32"), rng.normal(size=(1, 4, 3, 6))
    rule = (4, 2), (0, 1), (3, 1), (1, 3)  # along the first axis there are gaps, and zeros at the end
    layer, bias = made(TransposedConv2D, x, kernel, *rule, groups=groups)
    expected = transposed_correlation(x, kernel, *rule, groups) + bias

    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(
    ("kernel_size", "stride", "dilation", "groups"),
    list(product([(3, 2), (1, 4), (5, 1)], [1, 2, 4, (3, 2)], [1, 2, (1, 3)], [1, 2, 3])),
)
def test_words_for_the_padding_mean_the_same_as_in_arithmetic(kernel_size, stride, dilation, groups, padding):
    """With kernels shorter than the stride too, and with three groups."""
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(2, 4, 3, 6)).astype("float32"), rng.normal(size=(*kernel_size, 2, 6))
    layer, bias = made(TransposedConv2D, x, kernel, stride, padding, dilation=dilation, groups=groups)
    expected = transposed_correlation(x, kernel, stride, padding, dilation=dilation, groups=groups) + bias

    answer = layer(x)

    assert answer.shape == layer.compute_output_shape(x.shape)
    np.testing.assert_allclose(answer, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("kernel_size", "stride"), [((3, 3), 1), ((4, 3), 2), ((3, 5), 3), ((2, 2), 2)])
def test_it_equals_keras_own_with_the_same_weights(padding, kernel_size, stride):
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(2, 5, 4, 3)).astype("float32"), rng.normal(size=(*kernel_size, 2, 3))
    layer, bias = made(TransposedConv2D, x, kernel, stride, padding)
    theirs = keras.layers.Conv2DTranspose(2, kernel_size, stride, padding)
    theirs.build(x.shape)
    theirs.set_weights([kernel, bias])

    np.testing.assert_allclose(layer(x), theirs(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("kernel_size", "stride"), [(1, 3), (2, 4)])
def test_same_with_a_kernel_below_the_stride_is_keras_too(kernel_size, stride):
    x, kernel = np.ones((1, 3, 2), "float32"), np.ones((kernel_size, 1, 2))
    layer, bias = made(TransposedConv1D, x, kernel, stride, "same")
    theirs = keras.layers.Conv1DTranspose(1, kernel_size, stride, "same")
    theirs.build(x.shape)
    theirs.set_weights([kernel, bias])

    np.testing.assert_allclose(layer(x), theirs(x), rtol=1e-6)


def test_its_gradient_to_the_input_is_the_correlation():
    rng = np.random.default_rng(0)
    x, kernel = tf.constant(rng.normal(size=(2, 4, 3, 4)), "float32"), rng.normal(size=(3, 3, 6, 4))
    layer, _ = made(TransposedConv2D, x, kernel, 2, 1)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        weights = tf.sin(tf.reshape(tf.range(tf.size(y), dtype="float32"), y.shape))
        loss = tf.reduce_sum(y * weights)

    padded = np.pad(weights, ((0, 0), (1, 1), (1, 1), (0, 0)))
    expected = tf.nn.conv2d(padded, kernel.astype("float32"), 2, "VALID")
    np.testing.assert_allclose(tape.gradient(loss, x), expected, rtol=1e-4, atol=1e-4)


def test_the_size_of_the_images_may_be_unknown():
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, TransposedConv2D(2, 4, strides=2, padding=1)(inputs))

    assert model.output.shape == (None, None, None, 2)
    assert model.predict(np.ones((2, 7, 5, 3), "float32"), verbose=0).shape == (2, 14, 10, 2)


def test_without_a_bias_there_is_one_weight_in_the_shape_of_keras():
    layer = TransposedConv2D(6, (3, 2), groups=3, use_bias=False)
    layer.build((None, 5, 5, 9))

    assert [weight.shape for weight in layer.weights] == [(3, 2, 2, 9)]


def test_every_place_of_the_input_meets_every_weight_of_its_channels():
    layer = TransposedConv2D(6, (3, 2), strides=2, groups=3)

    assert layer.multiply_adds((None, 5, 4, 9), layer.compute_output_shape((None, 5, 4, 9))) == 5 * 4 * 9 * 3 * 2 * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filters": 0}, "groups and filters must be at least 1, got 1 and 0"),
        ({"groups": 0}, "groups and filters must be at least 1, got 0 and 6"),
        ({"groups": 4}, "groups must divide the filters, got 4 for 6"),
        ({"strides": (1, 2, 3)}, r"strides is one number or 2, got \(1, 2, 3\)"),
        ({"strides": 0}, "stride must be at least 1, got 0"),
        ({"padding": "full"}, "got 'full'"),
        ({"strides": 2, "output_padding": 2}, "below stride or dilation, got 2 for 2 and 1"),
    ],
)
def test_what_is_no_transposed_convolution_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        TransposedConv2D(**{"filters": 6, "kernel_size": 3, **arguments})


def test_groups_that_do_not_divide_the_channels_are_refused():
    with pytest.raises(InputError, match="groups must divide the channels, got 2 for 5"):
        TransposedConv2D(6, 3, groups=2).build((None, 9, 9, 5))


def test_a_padding_that_leaves_nothing_is_refused():
    with pytest.raises(InputError, match="a padding of 3 leaves nothing of 5 places"):
        TransposedConv2D(6, 3, padding=3).build((None, 3, 3, 5))
