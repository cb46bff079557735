"""Grad-CAM weighs maps by their gradients, and points at what a class depends on."""

import keras
import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.explain.grad_cam import enlarged, grad_cam
from kcnn.layers.precision import precision
from kcnn.models import build
from tests.explain.networks import blob, blob_detector, smooth


def test_it_points_at_the_blob_that_the_class_depends_on():
    evidence = grad_cam(blob_detector(), np.concatenate([blob(3, 8), blob(9, 2)]), [1, 1])
    places = [np.unravel_index(each.argmax(), each.shape) for each in evidence]
    assert places == [(3, 8), (9, 2)]
    assert evidence.max() == 1


def test_what_speaks_for_no_class_is_all_zero():
    np.testing.assert_array_equal(grad_cam(blob_detector(), blob(3, 8), [0]), np.zeros((1, 12, 12)))


def test_it_is_the_formula_of_the_paper_with_differences_for_gradients():
    network, label, step = smooth(), 1, 1e-6
    image = np.random.default_rng(1).normal(size=(1, 5, 6, 2))
    features = keras.Model(network.input, network.get_layer("features").output)
    rest = keras.Model(network.get_layer("features").output, network.output)
    maps = features(image).numpy()
    weights = np.zeros(4)
    for place in np.ndindex(maps.shape[1:]):
        moved = np.zeros_like(maps)
        moved[(0, *place)] = step
        weights[place[-1]] += float((rest(maps + moved) - rest(maps - moved))[0, label]) / (2 * step) / 12
    expected = np.maximum(maps[0] @ weights, 0)

    np.testing.assert_allclose(grad_cam(network, image, [label])[0], expected / expected.max(), atol=1e-6)


def test_a_tap_that_the_logits_do_not_depend_on_is_refused():
    image = layers.Input((4, 4, 1))
    aside = layers.Conv2D(1, 1, name="aside")(image)
    logits = layers.Dense(2, name="logits")(layers.Flatten()(image))
    model = keras.Model(image, {"logits": logits, "aux": layers.Flatten()(aside)})
    with pytest.raises(InputError, match="the logits depend on, got 'aside'"):
        grad_cam(model, np.ones((1, 4, 4, 1)), [0], tap="aside")


def test_half_precision_gives_nearly_the_same_map():
    keras.utils.set_random_seed(0)
    exact = build("resnet20_cifar", (16, 16, 3))
    with precision("mixed_bfloat16"):
        half = build("resnet20_cifar", (16, 16, 3))
    half.set_weights(exact.get_weights())
    image = np.random.default_rng(0).normal(size=(1, 16, 16, 3)).astype("float32")

    one, other = grad_cam(exact, image, [2], "stage2"), grad_cam(half, image, [2], "stage2")

    assert one.std() > 0.1
    np.testing.assert_allclose(other, one, atol=0.05)


def test_a_map_is_enlarged_without_moving_it():
    small = np.zeros((4, 4), np.float32)
    small[1, 2] = 1
    large = enlarged(small, (16, 8))
    assert large.shape == (16, 8)
    np.testing.assert_allclose(np.average(np.indices((16, 8)), axis=(1, 2), weights=large), [5.5, 4.5])


def test_several_maps_are_enlarged_as_each_alone():
    maps = np.random.default_rng(0).random((3, 2, 5), np.float32)
    np.testing.assert_array_equal(enlarged(maps, (7, 9))[1], enlarged(maps[1], (7, 9)))
