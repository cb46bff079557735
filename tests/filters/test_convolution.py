import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from kcnn.errors import InputError
from kcnn.filters import kernels
from kcnn.filters.convolution import correlated, filtered, filtered_where_opaque

BORDERS = {
    "zeros": ("constant", cv2.BORDER_CONSTANT),
    "edge": ("nearest", cv2.BORDER_REPLICATE),
    "reflect": ("mirror", cv2.BORDER_REFLECT_101),
    "symmetric": ("reflect", cv2.BORDER_REFLECT),
}
rng = np.random.default_rng(0)


@pytest.mark.parametrize("size", [(20, 30), (80, 90)])
@pytest.mark.parametrize("border", [*BORDERS, "wrap"])
def test_it_is_scipy_s_and_opencv_s_correlation_at_every_border(size, border):
    image, kernel = rng.random(size), rng.normal(size=(5, 3))

    answer = filtered(image, kernel, border)

    expected = ndimage.correlate(image, kernel, mode=BORDERS.get(border, ("wrap", None))[0])
    np.testing.assert_allclose(answer, expected, atol=1e-12)
    if border != "wrap":
        opencv = cv2.filter2D(image, -1, kernel, borderType=BORDERS[border][1])
        np.testing.assert_allclose(answer, opencv, atol=1e-12)


@given(st.integers(1, 12), st.integers(1, 12), st.booleans(), st.sampled_from([np.float32, np.float64]))
def test_large_images_get_the_numbers_of_the_reference(height, width, colour, dtype):
    draw = np.random.default_rng(height * width)
    image = draw.random((70, 60, 3) if colour else (70, 60)).astype(dtype)
    kernel = draw.normal(size=(height, width))

    fast, plain = correlated(image, kernel), correlated.__wrapped__(image, kernel)

    assert fast.dtype == plain.dtype == dtype
    assert fast.shape == plain.shape == (71 - height, 61 - width, *image.shape[2:])
    np.testing.assert_allclose(fast, plain, atol=2e-5 if dtype == np.float32 else 1e-12)


def test_a_large_kernel_which_opencv_transforms_gives_the_numbers_of_the_reference():
    image, kernel = rng.random((100, 90)), rng.normal(size=(41, 33))

    np.testing.assert_allclose(correlated(image, kernel), correlated.__wrapped__(image, kernel), atol=1e-11)


@pytest.mark.parametrize("size", [(30, 30), (90, 80)])
def test_a_kernel_with_one_axis_stands_for_its_outer_product(size):
    image, row = rng.random((*size, 3)), rng.random(4)

    np.testing.assert_allclose(filtered(image, row), filtered(image, np.outer(row, row)), atol=1e-12)


def test_colours_are_filtered_each_by_itself():
    image, kernel = rng.random((20, 20, 3)), rng.normal(size=(3, 3))

    for channel in range(3):
        np.testing.assert_allclose(filtered(image, kernel)[..., channel], filtered(image[..., channel], kernel))


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 3), (1, 5000)])
def test_an_image_may_be_smaller_than_the_kernel(size):
    even = filtered(np.full(size, 0.3), kernels.gaussian(3.0))

    np.testing.assert_allclose(even, np.full(size, 0.3))


def test_hidden_colours_do_not_bleed_and_what_is_hidden_everywhere_stays():
    image = np.where(np.arange(40)[:, None] < 20, 0.2, 0.9) * np.ones((40, 30))
    alpha = (np.arange(40)[:, None] < 20) * np.ones((40, 30))

    blurred = filtered_where_opaque(image, alpha, kernels.box(5))

    np.testing.assert_allclose(blurred[:20], 0.2)
    np.testing.assert_array_equal(blurred[25:], 0.9)
    colour = filtered_where_opaque(np.dstack([image] * 3), alpha, kernels.box(5))
    np.testing.assert_allclose(colour[..., 1], blurred)


def test_where_all_is_opaque_alpha_changes_nothing():
    image = rng.random((20, 20))

    np.testing.assert_allclose(
        filtered_where_opaque(image, np.ones((20, 20)), kernels.box(3)), filtered(image, kernels.box(3))
    )


@pytest.mark.parametrize(
    ("image", "kernel", "border", "message"),
    [
        (
            np.ones((4, 4, 4)),
            np.ones((3, 3)),
            "edge",
            r"image must be real numbers .* got float64 of shape \(4, 4, 4\)",
        ),
        (np.ones((0, 4)), np.ones((3, 3)), "edge", "image must be real"),
        (np.full((4, 4), np.nan), np.ones((3, 3)), "edge", "image must be finite, got 16"),
        (np.ones((4, 4)), np.ones((3, 3, 3)), "edge", "kernel must have one or two axes"),
        (np.ones((4, 4)), np.ones((3, 3)), "mirror", "unknown mode 'mirror'"),
    ],
)
def test_what_is_no_image_kernel_or_border_is_refused(image, kernel, border, message):
    with pytest.raises(InputError, match=message):
        filtered(image, kernel, border)
