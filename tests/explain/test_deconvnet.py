"""The deconvnet's projection, against cases worked out by hand and the transposed convolution."""

import keras
import numpy as np
import pytest
from keras import layers

from kcnn.arithmetic.transposed import transposed_correlation
from kcnn.errors import InputError
from kcnn.explain.deconvnet import project
from kcnn.explain.saliency import pixel_gradient
from kcnn.layers import Fire
from kcnn.models import build
from tests.explain.networks import blob, blob_detector

RANDOM = np.random.default_rng(0)


def stack(shape, *steps):
    image = x = layers.Input(shape)
    for step in steps:
        x = step(x)
    return keras.Model(image, x)


def test_of_a_linear_network_it_is_the_transposed_convolution_of_the_strongest_activation():
    first, last = layers.Conv2D(3, 3, strides=2, use_bias=False), layers.Conv2D(4, 2, use_bias=False, name="last")
    model = stack((9, 9, 2), first, last)
    image = RANDOM.normal(size=(1, 9, 9, 2)).astype("float32")
    maps = model(image).numpy()

    alone = np.zeros_like(maps)
    place = np.unravel_index(maps[0, ..., 1].argmax(), maps.shape[1:3])
    alone[(0, *place, 1)] = maps[(0, *place, 1)]
    down = transposed_correlation(alone, last.kernel.numpy())
    expected = transposed_correlation(down, first.kernel.numpy(), stride=2)

    np.testing.assert_allclose(project(model, image, "last", 1), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "rectifiers",
    [
        lambda: (layers.Conv2D(2, 1, use_bias=False, activation="relu", name="first"),),
        lambda: (layers.Conv2D(2, 1, use_bias=False, name="first"), layers.Activation("relu")),
        lambda: (layers.Conv2D(2, 1, use_bias=False, name="first"), layers.ReLU()),
    ],
)
def test_a_relu_passes_positive_signals_alone_whether_it_was_active_or_not(rectifiers):
    model = stack((1, 1, 1), *rectifiers(), layers.Conv2D(1, 1, bias_initializer="ones", name="last"))
    # Unit 0 is active and disliked by the last layer; unit 1 is silent and liked by it.
    model.get_layer("first").set_weights([np.array([[[[2.0, -3.0]]]])])
    model.get_layer("last").set_weights([np.array([[[[-0.25], [4.0]]]]), np.array([1.0])])
    image = np.ones((1, 1, 1, 1), np.float32)

    # Up: relu(2, -3) = (2, 0), then -0.5 + 1. Down: 0.5 x (-0.25, 4) is rectified to (0, 2), times the kernel.
    assert project(model, image, "last", 0).item() == pytest.approx(2 * -3)
    # The gradient stops at the silent unit instead.
    assert pixel_gradient(stack((1, 1, 1), *model.layers[1:], layers.Flatten()), image, np.array([0])).item() == -0.5


@pytest.mark.parametrize("rectifier", [lambda: layers.Activation("relu6"), lambda: layers.ReLU(max_value=6.0)])
def test_a_relu_with_a_ceiling_passes_the_signal_of_units_at_the_ceiling_too(rectifier):
    model = stack(
        (1, 1, 1), layers.Conv2D(1, 1, use_bias=False, name="first"), rectifier(), layers.Identity(name="end")
    )
    model.get_layer("first").set_weights([np.array([[[[10.0]]]])])
    assert project(model, np.ones((1, 1, 1, 1), np.float32), "end", 0).item() == pytest.approx(6 * 10)


def test_a_maximum_goes_back_to_where_it_came_from():
    model = stack((4, 4, 1), layers.MaxPooling2D(2, name="pool"))
    image = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)[:, ::-1]
    expected = np.zeros((4, 4))
    expected[0, 3] = 15
    np.testing.assert_array_equal(project(model, image, "pool", 0)[0, ..., 0], expected)


def test_only_the_strongest_of_equal_activations_is_projected():
    model = stack((2, 2, 1), layers.Activation("relu6", name="ceiling"))
    projection = project(model, np.full((1, 2, 2, 1), 9.0), "ceiling", 0)
    np.testing.assert_array_equal(projection[0, ..., 0], [[6, 0], [0, 0]])


def test_it_shows_the_blob_that_the_map_answered():
    projection = project(blob_detector(), blob(3, 8), "features", 0)[0, ..., 0]
    np.testing.assert_array_equal(projection, 3 * blob(3, 8)[0, ..., 0])


def test_the_network_itself_keeps_its_gradient():
    model, image = blob_detector(), np.zeros((1, 12, 12, 1), np.float32)
    project(model, image, "features", 0)
    np.testing.assert_array_equal(pixel_gradient(model, image, np.array([1])), np.zeros_like(image))


def test_a_map_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="unit must be at least 0 and below 16"):
        project(build("lenet5"), np.zeros((1, 32, 32, 1)), "features", 16)


def test_a_network_that_hides_its_layers_is_refused():
    model = stack((8, 8, 3), Fire(2, 3, 3, name="fire"))
    with pytest.raises(InputError, match="model must be flat, got fire"):
        project(model, np.zeros((1, 8, 8, 3)), "fire", 0)
