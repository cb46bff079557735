import keras
import numpy as np
import pytest
from keras import layers

from kcnn.models import build, build_without_weights
from tests.contracts.model import ModelContract


@pytest.mark.parametrize("name", ["squeezenet1_1", pytest.param("squeezenet1_0", marks=pytest.mark.slow)])
class TestContract(ModelContract):
    pass


def test_fire_modules_have_the_maps_of_table_1():
    """They are those of an image of 227 pixels, as the authors' network has it, though the table says 224."""
    model = build_without_weights("squeezenet1_0", (227, 227, 3))
    maps = {
        "conv1_conv": (111, 111, 96),
        "conv1_pool": (55, 55, 96),
        "fire4_concat": (55, 55, 256),
        "fire8_concat": (27, 27, 512),
        "fire9_concat": (13, 13, 512),
        "conv10_conv": (13, 13, 1000),
    }

    assert {name: model.get_layer(name).output.shape[1:] for name in maps} == maps


def test_there_is_no_dense_layer_and_no_negative_logit():
    model = build("squeezenet1_1", (32, 32, 3))

    assert not any(isinstance(layer, layers.Dense) for layer in model.layers)
    assert np.min(model(np.random.default_rng(0).normal(size=(2, 32, 32, 3)))) >= 0


@pytest.mark.parametrize("seed", range(3))
def test_the_maps_of_the_classes_start_alive(seed):
    """With Keras's usual weights and biases a good part of them would not."""
    keras.utils.set_random_seed(seed)
    model = build("squeezenet1_1", (64, 64, 3))
    images = np.random.default_rng(0).normal(size=(4, 64, 64, 3))
    alive = (np.array(model(images)) > 0).mean()
    maps = model.get_layer("conv10_conv")
    maps.kernel.assign(keras.initializers.GlorotUniform(seed)(maps.kernel.shape))
    maps.bias.assign(np.zeros(1000))

    assert alive > 0.99
    assert (np.array(model(images)) > 0).mean() < 0.9
