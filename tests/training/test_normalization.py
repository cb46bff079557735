"""The fast batch normalisation gives the numbers of the plain one."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kcnn.layers.refresh import refresh
from kcnn.training.normalization import FusedBatchNormalization, SynchronizedBatchNormalization, training_copy


def both(**options):
    keras.utils.set_random_seed(0)
    plain, fast = keras.layers.BatchNormalization(**options), FusedBatchNormalization(**options)
    images = np.random.default_rng(0).normal(2, 3, (5, 4, 6, 7)).astype("float32")
    return plain, fast, images


@pytest.mark.parametrize("options", [{}, {"scale": False}, {"center": False}, {"momentum": 0.5, "epsilon": 0.1}])
def test_fused_equals_plain_in_training_and_inference_statistics_included(options):
    plain, fast, images = both(**options)
    for training in (True, True, False):
        np.testing.assert_allclose(fast(images, training=training), plain(images, training=training), atol=2e-5)
    for ours, theirs in zip(fast.weights, plain.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_a_frozen_layer_keeps_its_statistics():
    _, fast, images = both()
    fast.trainable = False
    fast(images, training=True)
    assert not np.any(fast.moving_mean)


def test_a_training_copy_has_the_same_variables_and_answers():
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3)(image)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dropout(0.5)(x)
    model = keras.Model(image, keras.layers.Dense(2)(keras.layers.Flatten()(x)))
    copy = training_copy(model, replicas=1)
    assert any(isinstance(layer, FusedBatchNormalization) for layer in copy.layers)
    assert [weight.shape for weight in copy.weights] == [weight.shape for weight in model.weights]
    images = np.random.default_rng(0).normal(size=(3, 8, 8, 3)).astype("float32")
    np.testing.assert_allclose(copy(images), model(images), atol=1e-5)


def test_synchronized_statistics_keep_their_digits_where_the_mean_is_large():
    layer = SynchronizedBatchNormalization()
    images = np.random.default_rng(0).normal(300.0, 0.01, (16, 4, 4, 3)).astype("float32")
    mean, variance = layer._moments(tf.constant(images), None)
    np.testing.assert_allclose(mean.numpy(), images.astype("float64").mean((0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(variance.numpy(), images.astype("float64").var((0, 1, 2)), rtol=0.02)


def test_a_copy_standardises_as_the_model_does():
    image = keras.Input((4, 4, 3))
    model = keras.Model(image, keras.layers.Normalization(mean=None, variance=None)(image))
    model.set_weights([np.array([1.0, 2.0, 3.0]), np.array([4.0, 4.0, 4.0]), np.array(1)])
    refresh(model)
    x = np.ones((1, 4, 4, 3), "float32")

    np.testing.assert_allclose(training_copy(model, 1)(x)[0, 0, 0], [0, -0.5, -1], atol=1e-6)
