"""Saliency is the gradient, and SmoothGrad its mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnn.errors import InputError
from kcnn.explain.saliency import pixel_gradient, saliency, smooth_grad
from tests.explain.networks import blob, blob_detector, linear, smooth

RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.normal(size=(3, 4, 2, 5)).astype("float32")


@pytest.fixture(scope="module")
def straight():
    return linear(WEIGHTS)


def test_the_gradient_is_the_limit_of_differences():
    network, step = smooth(), 1e-6
    image = RANDOM.normal(size=(1, 5, 6, 2))
    gradient = pixel_gradient(network, image, np.array([2]))[0]
    for place in np.ndindex(gradient.shape):
        moved = np.zeros_like(image)
        moved[(0, *place)] = step
        difference = (network(image + moved) - network(image - moved))[0, 2] / (2 * step)
        np.testing.assert_allclose(gradient[place], difference, rtol=1e-5, atol=1e-9)


@given(label=st.integers(0, 4))
def test_of_a_linear_network_it_is_the_weights_whatever_the_image(straight, label):
    images = RANDOM.normal(size=(2, 3, 4, 2)).astype("float32")
    expected = np.abs(WEIGHTS[..., label]).max(axis=-1)
    np.testing.assert_allclose(saliency(straight, images, [label, label]), [expected, expected], rtol=1e-6)


def test_each_image_is_explained_for_its_own_class(straight):
    images = np.zeros((2, 3, 4, 2), "float32")
    one, other = saliency(straight, images, [1, 3])
    np.testing.assert_allclose(one, np.abs(WEIGHTS[..., 1]).max(axis=-1), rtol=1e-6)
    np.testing.assert_allclose(other, np.abs(WEIGHTS[..., 3]).max(axis=-1), rtol=1e-6)


def test_it_points_at_what_the_class_depends_on():
    seen = saliency(blob_detector(), blob(3, 8), [1])[0]
    rows, columns = np.nonzero(seen)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 4, 7, 9)


def test_without_noise_smooth_grad_is_saliency(straight):
    image = RANDOM.normal(size=(1, 3, 4, 2)).astype("float32")
    np.testing.assert_allclose(
        smooth_grad(straight, image, [0], samples=3, noise=0.0), saliency(straight, image, [0]), rtol=1e-6
    )


def test_smooth_grad_is_the_mean_gradient_over_the_noise():
    image, deviation = blob(3, 8), 0.2
    smoothed = smooth_grad(blob_detector(), image, [1], samples=500, noise=deviation, seed=3)[0]

    # At a bright square's centre the sum of 9 pixels is 9 +- 3 deviations, far above the threshold of 6; one pixel
    # beside it is 6, above or below the threshold at equal chances. Nine maps see the centre, and 3 + 2 x 3 x 0 of
    # their units are certain: only the counting of units that are on is left.
    noisy = image + deviation * np.random.default_rng(1).normal(size=(4000, 12, 12, 1))
    sums = sum(np.roll(noisy, (down, across), (1, 2)) for down in (-1, 0, 1) for across in (-1, 0, 1))
    on = (sums > 6).mean(axis=0)[..., 0]
    expected = sum(np.roll(on, (down, across), (0, 1)) for down in (-1, 0, 1) for across in (-1, 0, 1)) * 40 / 144
    np.testing.assert_allclose(smoothed, expected, atol=0.05)


def test_the_same_seed_gives_the_same_picture_however_many_copies_go_together():
    network, image = blob_detector(), blob(3, 8)
    first = smooth_grad(network, image, [1], samples=7, batch=7)
    np.testing.assert_array_equal(smooth_grad(network, image, [1], samples=7, batch=7), first)
    np.testing.assert_allclose(smooth_grad(network, image, [1], samples=7, batch=2), first, atol=1e-6)
    assert np.any(smooth_grad(network, image, [1], samples=7, seed=1) != first)


@pytest.mark.parametrize("wrong", [{"samples": 0}, {"noise": -0.1}, {"batch": 0}])
def test_numbers_out_of_range_are_refused(straight, wrong):
    with pytest.raises(InputError, match="must be at least"):
        smooth_grad(straight, np.zeros((1, 3, 4, 2)), [0], **wrong)
