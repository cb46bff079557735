"""Everything about one image at once, and what a network without maps leaves out."""

import numpy as np
import pytest
from scipy.special import softmax

from kcnn.errors import InputError
from kcnn.explain.grad_cam import grad_cam
from kcnn.explain.overview import CHANGES, overview
from kcnn.explain.saliency import saliency
from kcnn.models import build
from tests.explain.networks import blob, blob_detector


@pytest.fixture(scope="module")
def lenet():
    return build("lenet5")


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).normal(size=(32, 32, 1)).astype("float32")


def test_the_class_that_the_network_names_is_explained(lenet, image):
    answers = lenet(image[np.newaxis]).numpy()[0]
    view = overview(lenet, image)
    assert view.label == answers.argmax()
    np.testing.assert_allclose(view.probabilities, softmax(answers), rtol=1e-5)
    np.testing.assert_allclose(view.saliency, saliency(lenet, image[np.newaxis], [view.label])[0])


def test_another_class_and_tap_may_be_asked_for(lenet, image):
    view = overview(lenet, image, label=4, tap="stage1")
    assert (view.label, view.projection.tap) == (4, "stage1")
    np.testing.assert_array_equal(view.projection.grad_cam, grad_cam(lenet, image[np.newaxis], [4], "stage1")[0])
    assert view.projection.pixels.shape == (32, 32, 1)


def test_every_stage_has_its_strongest_maps(lenet, image):
    stages = overview(lenet, image).stages
    assert {name: (maps.shape, count) for name, (maps, count) in stages.items()} == {
        "stem": ((28, 28, 6), 6),
        "stage1": ((14, 14, 6), 6),
        "stage2": ((5, 5, 9), 16),
    }
    peaks = stages["stage2"][0].max(axis=(0, 1))
    assert (np.diff(peaks) <= 0).all()


def test_what_a_square_takes_away_is_positive_where_the_class_is_seen():
    view = overview(blob_detector(), blob(3, 8)[0], label=1)
    assert view.square == 2
    row, column = np.unravel_index(view.occlusion.argmax(), view.occlusion.shape)
    assert abs(row - 3) <= 2 and abs(column - 8) <= 2
    assert view.occlusion.max() > 0.05


def test_what_the_class_likes_excites_it_more_than_the_image_does(lenet, image):
    view = overview(lenet, image)
    before, after = (lenet(pixels[np.newaxis]).numpy()[0, view.label] for pixels in (image, view.liked))
    assert view.liked.shape == image.shape
    assert after > before


def test_a_class_that_noise_does_not_move_has_nothing_that_it_likes():
    assert overview(blob_detector(), blob(3, 8)[0], label=1).left_out[0] == "activation maximisation"


def test_an_image_is_like_itself_and_less_so_the_more_it_is_changed(lenet):
    edge = np.zeros((32, 32, 1), np.float32)
    edge[8:24, 12:18] = 2
    curves = overview(lenet, edge).invariance
    assert len(curves) == 3
    for likeness in curves.values():
        assert likeness[0] == pytest.approx(1)
        assert likeness.min() < 0.99
        assert len(likeness) == len(CHANGES)


def test_it_tells_what_takes_a_while(lenet, image):
    told = []
    overview(lenet, image, tell=told.append)
    assert len(told) == 4


def test_maps_of_a_single_place_are_not_looked_at():
    model = build("vgg11", (32, 32, 3), classes=3)
    view = overview(model, np.zeros((32, 32, 3), np.float32))
    assert model.get_layer("features").output.shape[1:3] == (1, 1)
    assert view.projection.tap == "stage4"


def test_a_network_without_maps_leaves_out_what_needs_them():
    view = overview(build("mlp"), np.ones((28, 28, 1), np.float32))
    assert view.left_out == ("Grad-CAM", "deconvnet", "first-layer kernels", "feature maps")
    assert view.saliency.shape == view.smooth_grad.shape == (28, 28)


def test_a_network_with_maps_leaves_nothing_out(lenet, image):
    assert overview(lenet, image).left_out == ()


def test_a_tap_without_maps_is_refused(lenet, image):
    with pytest.raises(InputError, match="tap must name a layer with maps"):
        overview(lenet, image, tap="pooled")
