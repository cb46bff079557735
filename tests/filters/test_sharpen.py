import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.filters import unsharp_mask
from sklearn.datasets import load_sample_image

from kcnn.filters.kernels import box, gaussian
from kcnn.filters.sharpen import unsharp

PHOTOGRAPH = load_sample_image("flower.jpg") / 255


@pytest.mark.parametrize("image", [PHOTOGRAPH[:50, :50], PHOTOGRAPH], ids=["small", "large"])
@pytest.mark.parametrize(("sigma", "amount"), [(1.0, 1.0), (2.0, 0.5)])
def test_it_is_scikit_image_s_unsharp_mask(image, sigma, amount):
    answer = unsharp(image, amount, gaussian(sigma, axes=1), border="symmetric")

    for channel in range(3):  # scikit-image 0.26 leaves the result for colours partly unset.
        expected = unsharp_mask(image[..., channel], sigma, amount, preserve_range=True)
        np.testing.assert_allclose(answer[..., channel], expected, atol=1e-12)


@given(st.floats(-3, 3))
def test_it_is_linear_in_the_amount_and_0_leaves_the_image(amount):
    image = PHOTOGRAPH[:20, :20]

    detail = unsharp(image, 1, box(3)) - image

    np.testing.assert_allclose(unsharp(image, amount, box(3)), image + amount * detail, atol=1e-12)


def test_an_even_image_stays_as_it_is():
    np.testing.assert_allclose(unsharp(np.full((9, 9), 0.3), 2.0, gaussian(1)), 0.3)


def test_hidden_colours_do_not_sharpen_seen_ones():
    image, alpha = np.full((20, 20), 0.4), np.ones((20, 20))
    image[:, 10:], alpha[:, 10:] = 1.0, 0.0

    np.testing.assert_allclose(unsharp(image, 1.0, gaussian(1), alpha=alpha)[:, :10], 0.4)
