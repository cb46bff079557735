import keras
import numpy as np
import pytest
import tensorflow as tf

from kcnn.errors import InputError
from kcnn.layers import grouped_conv
from kcnn.layers.grouped_conv import GroupedConv2D, merged_groups
from tests.contracts.layer import LayerContract


class TestMergedContract(LayerContract):
    """6 groups of 3 channels: one dense convolution."""

    input_shape = (5, 4, 18)

    def make(self, **kwargs):
        return GroupedConv2D(12, 3, groups=6, **kwargs)


class TestSplitContract(LayerContract):
    """2 groups of 16 channels: two dense convolutions."""

    input_shape = (5, 4, 32)

    def make(self, **kwargs):
        return GroupedConv2D(6, (3, 2), strides=2, padding="same", groups=2, use_bias=False, **kwargs)


def answers(layer, x, weights):
    """The output, and the gradients to the input and the weights of a sum in which every output differs."""
    layer.build(x.shape)
    layer.set_weights(weights)
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        loss = tf.reduce_sum(y * tf.reshape(tf.sin(tf.range(tf.size(y), dtype="float32")), y.shape))
    return y, *tape.gradient(loss, [x, *layer.trainable_weights])


@pytest.mark.parametrize(
    ("groups", "channels", "filters", "strides", "padding"),
    [
        (1, 3, 4, 1, "valid"),  # no groups
        (2, 32, 6, 2, "same"),  # a convolution a group
        (8, 64, 16, 1, "same"),  # four convolutions on two groups each
        (6, 18, 12, 2, "valid"),  # one convolution on all groups
        (7, 21, 7, 1, "valid"),  # as many groups as filters, and no divisor between
        (5, 5, 10, (2, 2), "same"),  # depthwise with a multiplier
        (32, 64, 32, 1, "valid"),
    ],
)
def test_it_equals_keras_grouped_convolution_and_so_do_its_gradients(groups, channels, filters, strides, padding):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 6, 5, channels)).astype("float32")
    weights = [rng.normal(size=(3, 2, channels // groups, filters)) / 4, rng.normal(size=filters)]
    arguments = {"filters": filters, "kernel_size": (3, 2), "strides": strides, "padding": padding, "groups": groups}

    ours = answers(GroupedConv2D(**arguments), x, weights)

    for answer, expected in zip(ours, answers(keras.layers.Conv2D(**arguments), x, weights), strict=True):
        np.testing.assert_allclose(answer, expected, rtol=1e-5, atol=1e-5)


def test_its_weights_are_those_of_keras_grouped_convolution():
    ours, theirs = GroupedConv2D(12, 3, groups=3), keras.layers.Conv2D(12, 3, groups=3)
    for layer in ours, theirs:
        layer.build((None, 9, 9, 6))

    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights] == [(3, 3, 2, 12), (12,)]


def test_weights_start_with_the_fan_in_of_a_group():
    initializer = keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal", seed=0)
    layer = GroupedConv2D(256, 3, groups=32, kernel_initializer=initializer)
    layer.build((None, 9, 9, 256))

    assert np.std(layer.kernel) == pytest.approx(np.sqrt(2 / (9 * 8)), rel=0.02)


@pytest.mark.parametrize(
    ("channels", "groups", "merged"),
    [(64, 8, 1), (16, 16, 1), (16, 32, 2), (4, 32, 4), (3, 6, 6), (3, 7, 7), (1, 512, 32), (80, 3, 1), (5, 1, 1)],
)
def test_groups_are_merged_until_a_convolution_is_worth_its_while(channels, groups, merged):
    assert merged_groups(channels, groups) == merged


def test_where_there_is_another_device_the_backends_own_convolution_answers_the_same(monkeypatch):
    x = np.random.default_rng(0).normal(size=(2, 6, 5, 18)).astype("float32")
    layer = GroupedConv2D(12, 3, groups=6)
    on_cpu = layer(x)
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["gpu:0"])
    monkeypatch.setattr(grouped_conv, "merged_groups", lambda *arguments: pytest.fail("merged on a GPU"))

    np.testing.assert_allclose(layer(x), on_cpu, rtol=1e-5, atol=1e-5)


def test_the_size_of_the_images_may_be_unknown():
    inputs = keras.Input((None, None, 18))
    model = keras.Model(inputs, GroupedConv2D(12, 3, groups=6)(inputs))

    assert model.output.shape == (None, None, None, 12)
    assert model.predict(np.ones((2, 7, 5, 18), "float32"), verbose=0).shape == (2, 5, 3, 12)


def test_the_zeros_of_the_merged_form_are_not_counted():
    layer = GroupedConv2D(128, 3, padding="same", groups=32)

    assert layer.multiply_adds((None, 56, 56, 128), (None, 56, 56, 128)) == 56 * 56 * 9 * 4 * 128


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((6, 3, 1, "valid", 4), "groups must divide the filters, got 4 for 6"),
        ((6, 3, 1, "valid", 0), "groups and filters must be at least 1, got 0 and 6"),
        ((0, 3), "groups and filters must be at least 1, got 1 and 0"),
    ],
)
def test_groups_that_do_not_divide_the_filters_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        GroupedConv2D(*arguments)


def test_groups_that_do_not_divide_the_channels_are_refused():
    with pytest.raises(InputError, match="groups must divide the channels, got 3 for 7"):
        GroupedConv2D(6, 3, groups=3).build((None, 9, 9, 7))
