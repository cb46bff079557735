import cv2
import numpy as np
import pytest
import skimage.feature
import skimage.filters
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from sklearn.datasets import load_sample_image

from kcnn.arithmetic.pixels import quantise
from kcnn.errors import InputError
from kcnn.filters import edges
from kcnn.filters.pictures import grey

PHOTOGRAPH = grey(load_sample_image("china.jpg") / 255)
SMALL = PHOTOGRAPH[100:160, 200:260]


@pytest.mark.parametrize("image", [SMALL, PHOTOGRAPH], ids=["small", "large"])
def test_sobel_is_opencv_s_and_scikit_image_s(image):
    found = edges.sobel(image)

    np.testing.assert_allclose(found.dx, cv2.Sobel(image, cv2.CV_64F, 1, 0), atol=1e-12)
    np.testing.assert_allclose(found.dy, cv2.Sobel(image, cv2.CV_64F, 0, 1), atol=1e-12)
    magnitude = 4 * np.sqrt(2) * skimage.filters.sobel(image, mode="mirror")
    np.testing.assert_allclose(found.magnitude, magnitude, atol=1e-12)


@pytest.mark.parametrize("image", [SMALL, PHOTOGRAPH], ids=["small", "large"])
def test_prewitt_is_scikit_image_s_and_scipy_s(image):
    found = edges.prewitt(image)

    magnitude = 3 * np.sqrt(2) * skimage.filters.prewitt(image, mode="mirror")
    np.testing.assert_allclose(found.magnitude, magnitude, atol=1e-12)
    np.testing.assert_allclose(found.dy, ndimage.prewitt(image, axis=0, mode="mirror"), atol=1e-12)


@pytest.mark.parametrize("image", [SMALL, PHOTOGRAPH], ids=["small", "large"])
def test_the_laplacian_is_scipy_s_and_opencv_s(image):
    found = edges.laplacian(image)

    np.testing.assert_allclose(found, ndimage.laplace(image, mode="mirror"), atol=1e-12)
    np.testing.assert_allclose(found, cv2.Laplacian(image, cv2.CV_64F), atol=1e-12)


@pytest.mark.parametrize(("angle", "down", "right"), [(0, 0, 1), (90, 1, 0), (-90, -1, 0), (45, 1, 1), (180, 0, -1)])
def test_the_direction_points_to_where_it_gets_brighter(angle, down, right):
    rows, columns = np.mgrid[:9, :9]

    direction = edges.sobel((down * rows + right * columns) / 20).direction[4, 4]

    assert np.rad2deg(direction) == pytest.approx(angle)


@pytest.mark.parametrize("image", [SMALL, PHOTOGRAPH], ids=["small", "large"])
@pytest.mark.parametrize(("low", "high"), [(0, 10), (20, 60), (50, 150), (300, 700)])
def test_canny_is_opencv_s_to_the_pixel(image, low, high):
    levels = quantise(image, 8)

    found = edges.canny(levels / 255, low / 255, high / 255, sigma=0)

    np.testing.assert_array_equal(found, cv2.Canny(levels, low, high, L2gradient=True) > 0)


@given(st.integers(0, 2**32 - 1), st.integers(2, 256), st.integers(0, 800), st.integers(0, 800))
def test_the_reference_canny_is_opencv_s_on_noise_and_on_plateaus_of_equal_values(seed, count, low, high):
    low, high = sorted((low, high))
    steps = np.random.default_rng(seed).integers(0, count, (30, 40))
    levels = (steps * (255 // (count - 1))).astype(np.uint8)

    found = edges.canny(levels / 255, low / 255, high / 255, sigma=0)

    np.testing.assert_array_equal(found, cv2.Canny(levels, low, high, L2gradient=True) > 0)


def test_large_images_get_the_edges_of_the_reference():
    levels = quantise(PHOTOGRAPH, 8)

    np.testing.assert_array_equal(
        edges._edges_of_levels(levels, 0.2, 0.6), edges._edges_of_levels.__wrapped__(levels, 0.2, 0.6)
    )


@pytest.mark.parametrize("sigma", [1.0, 1.4, 2.0])
def test_canny_s_lines_are_those_of_scikit_image_within_a_pixel(sigma):
    ours = edges.canny(PHOTOGRAPH, 0.4, 0.4, sigma)
    theirs = skimage.feature.canny(PHOTOGRAPH, sigma, 0.4, 0.4, mode="mirror")

    near = [ndimage.binary_dilation(mask, np.ones((3, 3))) for mask in (ours, theirs)]

    # Theirs interpolates between neighbours where ours takes the nearest: some weak pixels differ.
    assert (ours & near[1]).sum() > 0.97 * ours.sum()
    assert (theirs & near[0]).sum() > 0.97 * theirs.sum()


def test_a_step_becomes_a_line_one_pixel_wide():
    image = np.zeros((40, 40))
    image[:, 20:] = 1

    found = edges.canny(image, 0.5, 1.0)

    assert (found.sum(axis=1) == 1).all()
    assert found[:, 19:21].sum() == 40


def test_a_weak_edge_stays_only_where_a_strong_one_leads_to_it():
    strength = np.array([[0, 2, 0, 0, 0], [0, 0, 1, 0, 1], [0, 0, 0, 1, 0], [0, 0, 0, 0, 0], [1, 1, 0, 0, 0]])

    kept = edges.hysteresis(strength, 0.5, 1.5)

    np.testing.assert_array_equal(kept, (strength > 0) & (np.arange(5) < 4)[:, None])


def test_an_even_image_has_no_edges():
    assert not edges.canny(np.full((30, 30), 0.4), 0, 0).any()
    assert not edges.canny(np.full((1, 1), 0.4), 0, 0).any()


def test_the_usual_thresholds_leave_a_tenth_of_the_pixels_above():
    gradient = edges.sobel(PHOTOGRAPH)

    low, high = edges.thresholds(gradient)

    assert (gradient.magnitude > high).mean() == pytest.approx(0.1, abs=0.001)
    assert low == pytest.approx(0.4 * high)


def test_the_usual_thresholds_are_above_the_noise_of_an_empty_picture():
    noise = 0.5 + np.random.default_rng(0).normal(0, 0.005, (200, 200))

    found = edges.canny(noise, *edges.thresholds(edges.sobel(edges.smoothed(noise, 1.4))))

    assert not found.any()


@pytest.mark.parametrize(
    ("image", "arguments", "message"),
    [
        (np.zeros((9, 9, 3)), (0.1, 0.2), "image must be grey"),
        (np.full((9, 9), 200.0), (0.1, 0.2), r"image must lie in 0..1, got 200.0 to 200.0"),
        (np.zeros((9, 9)), (0.3, 0.2), "0 <= low <= high, got 0.3 and 0.2"),
        (np.zeros((9, 9)), (0.1, 0.2, -1), "sigma must not be negative, got -1"),
    ],
)
def test_what_canny_cannot_do_is_refused(image, arguments, message):
    with pytest.raises(InputError, match=message):
        edges.canny(image, *arguments)
