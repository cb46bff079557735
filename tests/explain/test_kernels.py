"""The first kernels, wherever a family keeps them."""

import keras
import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.explain.kernels import first_layer_kernels
from kcnn.models import build


def test_they_are_those_of_the_first_convolution():
    model = build("lenet5")
    np.testing.assert_array_equal(first_layer_kernels(model), model.get_layer("c1").get_weights()[0])


def test_a_layer_that_only_mixes_channels_is_passed_over():
    image = layers.Input((8, 8, 3))
    model = keras.Model(image, layers.Conv2D(5, 3)(layers.Conv2D(2, 1)(image)))
    assert first_layer_kernels(model).shape == (3, 3, 2, 5)


def test_a_sparse_connection_is_shown_with_its_zeros():
    kernels = first_layer_kernels(build("lecun1989"))
    assert kernels.shape == (5, 5, 1, 12)
    assert np.abs(kernels).max(axis=(0, 1, 2)).min() > 0


def test_a_network_without_convolution_has_none():
    with pytest.raises(InputError, match="kernel larger than 1x1, got mlp"):
        first_layer_kernels(build("mlp"))
