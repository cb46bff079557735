import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from kcnn.cli.filters import LARGEST_KERNEL
from kcnn.errors import InputError
from kcnn.filters import kernels

sizes = st.integers(1, 15)


@given(sizes, st.floats(0.3, 5))
def test_blurs_sum_to_1_and_are_the_outer_product_of_their_row(size, sigma):
    for make in (kernels.box, kernels.binomial, lambda size, axes=2: kernels.gaussian(sigma, size, axes)):
        assert make(size).sum() == pytest.approx(1)
        np.testing.assert_allclose(make(size), np.outer(make(size, axes=1), make(size, axes=1)))


@given(st.sampled_from([1, 3, 9, 15]), st.floats(0.3, 5))
def test_the_gaussian_is_opencv_s(size, sigma):
    np.testing.assert_allclose(
        kernels.gaussian(sigma, size, axes=1), cv2.getGaussianKernel(size, sigma, cv2.CV_64F)[:, 0], atol=1e-12
    )


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.3])
def test_by_default_the_gaussian_is_scipy_s(sigma):
    point = np.zeros(41)
    point[20] = 1
    kernel = kernels.gaussian(sigma, axes=1)
    radius = len(kernel) // 2

    np.testing.assert_allclose(kernel, ndimage.gaussian_filter1d(point, sigma)[20 - radius : 21 + radius])


def test_the_binomial_has_the_variance_of_its_coin_tosses():
    places = np.arange(9) - 4

    assert (kernels.binomial(9, axes=1) * places**2).sum() == pytest.approx(8 / 4)
    np.testing.assert_array_equal(kernels.binomial(3, axes=1), [0.25, 0.5, 0.25])


@pytest.mark.parametrize(("make", "weight"), [(kernels.sobel, 8), (kernels.prewitt, 6)])
def test_derivatives_sum_to_0_and_measure_a_slope_times_their_weight(make, weight):
    rows, columns = np.mgrid[-1:2, -1:2]
    for kernel, along, across in zip(make(), (columns, rows), (rows, columns), strict=True):
        assert kernel.sum() == 0
        assert (kernel * along).sum() == weight
        assert (kernel * across).sum() == 0


@pytest.mark.parametrize(("neighbours", "times"), [(4, 1), (8, 3)])
def test_the_laplacian_is_0_on_planes_and_measures_the_bend_of_a_bowl(neighbours, times):
    rows, columns = np.mgrid[-1:2, -1:2]
    kernel = kernels.laplacian(neighbours)

    assert kernel.sum() == (kernel * rows).sum() == (kernel * columns).sum() == 0
    assert (kernel * (rows**2 + columns**2)).sum() == times * 4


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.5])
def test_the_laplacian_of_gaussian_sums_to_0_measures_the_bend_of_a_bowl_and_is_scipy_s(sigma):
    kernel = kernels.laplacian_of_gaussian(sigma)
    radius = len(kernel) // 2
    rows, columns = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    point = (rows == 0) & (columns == 0)

    assert kernel.sum() == pytest.approx(0, abs=1e-12)
    assert (kernel * (rows**2 + columns**2)).sum() == pytest.approx(4, rel=0.02)
    expected = ndimage.gaussian_laplace(point.astype(float), sigma, mode="constant")
    np.testing.assert_allclose(kernel, expected, atol=0.02 * np.abs(expected).max())


@given(st.floats(3, 12), st.floats(0, np.pi), st.floats(0.4, 1.2), st.floats(0, 2 * np.pi))
def test_a_gabor_sums_to_0_and_is_opencv_s_less_a_multiple_of_its_bell(wavelength, angle, aspect, phase):
    sigma = 0.5 * wavelength
    kernel = kernels.gabor(wavelength, angle, sigma, aspect, phase, 25)
    # OpenCV runs the axes the other way round.
    opencv = cv2.getGaborKernel((25, 25), sigma, angle, wavelength, aspect, phase)[::-1, ::-1]
    places = np.arange(25) - 12
    along = places[:, None] * np.cos(angle) - places * np.sin(angle)
    across = places * np.cos(angle) + places[:, None] * np.sin(angle)
    bell = np.exp(-(across**2 + (aspect * along) ** 2) / (2 * sigma**2))
    constant = opencv.sum() / bell.sum()

    assert kernel.sum() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(kernel + constant * bell, opencv, atol=1e-7)


def test_an_edge_cell_is_opencv_s_gabor_itself():
    opencv = cv2.getGaborKernel((21, 21), 3.0, 0.4, 6.0, 0.5, np.pi / 2)[::-1, ::-1]

    np.testing.assert_allclose(kernels.gabor(6.0, 0.4, 3.0, 0.5, np.pi / 2, 21), opencv, atol=1e-7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kernels.box(0), "size must be at least 1, got 0"),
        (lambda: kernels.gaussian(0), "sigma must be positive, got 0"),
        (lambda: kernels.gaussian(float("nan")), "sigma must be positive, got nan"),
        (lambda: kernels.gaussian(1, axes=3), "axes must be 1 or 2, got 3"),
        (lambda: kernels.laplacian(6), "neighbours must be 4 or 8, got 6"),
        (lambda: kernels.gabor(-4, 0, 2), "wavelength must be positive, got -4"),
    ],
)
def test_what_makes_no_kernel_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.parametrize("size", [1500, 2000, LARGEST_KERNEL])
def test_a_binomial_row_may_be_long(size):
    row = kernels.binomial(size, axes=1)
    places = np.arange(size) - (size - 1) / 2

    assert row.sum() == pytest.approx(1)
    assert (row * places**2).sum() == pytest.approx((size - 1) / 4)
