import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, sparse

from kcnn.arithmetic.correlation import correlate, correlation, correlation_gradients
from kcnn.arithmetic.toeplitz import correlation_matrix
from kcnn.errors import InputError
from tests.arithmetic.cases import any_padding, correlations, up_to_three


def test_the_lectures_matrix_of_a_2x2_kernel_on_a_3x3_image():
    matrix = correlation_matrix([[1, 2], [3, 4]], (3, 3))

    assert isinstance(matrix, sparse.csr_array)
    np.testing.assert_array_equal(
        matrix.toarray(),
        [
            [1, 2, 0, 3, 4, 0, 0, 0, 0],
            [0, 1, 2, 0, 3, 4, 0, 0, 0],
            [0, 0, 0, 1, 2, 0, 3, 4, 0],
            [0, 0, 0, 0, 1, 2, 0, 3, 4],
        ],
    )


@given(
    correlations(axes=up_to_three, padding=any_padding),
    st.sampled_from(["zeros", "edge", "reflect", "symmetric", "wrap"]),
)
def test_its_product_with_an_image_is_the_correlation(case, mode):
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=case.sizes), rng.normal(size=case.taps)

    matrix = correlation_matrix(kernel, case.sizes, *case.rules, mode)

    expected = correlate(x, kernel, *case.rules, mode)
    assert matrix.shape == (expected.size, x.size)
    np.testing.assert_allclose(matrix @ x.ravel(), expected.ravel(), atol=1e-12)


@given(correlations(padding=any_padding, groups=st.just(1)))
def test_with_channels_its_product_is_a_layers_and_its_transposes_the_gradient(case):
    x, kernel = case.operands(count=1)

    matrix = correlation_matrix(kernel, case.sizes, *case.rules)

    expected = correlation(x, kernel, *case.rules)
    np.testing.assert_allclose(matrix @ x.ravel(), expected.ravel(), atol=1e-12)
    dx, _ = correlation_gradients(x, kernel, expected, *case.rules)
    np.testing.assert_allclose(matrix.T @ expected.ravel(), dx.ravel(), atol=1e-9)


def test_along_one_axis_it_is_a_toeplitz_matrix():
    kernel = np.array([1.0, 2, 3])

    matrix = correlation_matrix(kernel, (6,)).toarray()

    np.testing.assert_array_equal(matrix, linalg.toeplitz([1, 0, 0, 0], [1, 2, 3, 0, 0, 0]))


def test_where_the_input_wraps_round_it_is_circulant():
    matrix = correlation_matrix([1.0, 2, 3], (5,), (2, 0), mode="wrap").toarray()

    np.testing.assert_array_equal(matrix, linalg.circulant([3, 2, 1, 0, 0]))


def test_every_output_has_as_many_entries_as_the_kernel_has_taps_zeros_too():
    matrix = correlation_matrix([[0, 1], [2, 3]], (320, 320))

    assert matrix.nnz == 4 * 319 * 319
    assert matrix.has_canonical_format


def test_what_the_edge_repeats_is_added_up_in_one_entry():
    matrix = correlation_matrix([1, 2, 4], (2,), "full", mode="edge")

    np.testing.assert_array_equal(matrix.toarray(), [[7, 0], [3, 4], [1, 6], [0, 7]])
    assert matrix.nnz == 6


def test_a_kernel_with_other_axes_is_refused():
    with pytest.raises(InputError, match="the kernel for 2 axes has 2 or, with channels, 4, got 3"):
        correlation_matrix(np.ones((2, 2, 2)), (3, 3))


@pytest.mark.parametrize("mode", ["zeros", "edge"])
def test_small_integers_do_not_overflow_in_it(mode):
    kernel, x = np.array([200, 100, 50], np.uint8), np.arange(250, 255).astype(np.uint8)

    matrix = correlation_matrix(kernel, x.shape, "same", mode=mode)

    np.testing.assert_array_equal(matrix @ x, correlate(x, kernel, "same", mode=mode))


@pytest.mark.parametrize("mode", ["zeros", "edge"])
def test_booleans_are_counted_by_it(mode):
    kernel, x = np.array([True, True, True]), np.array([True, False, True, True])

    matrix = correlation_matrix(kernel, x.shape, "same", mode=mode)

    np.testing.assert_array_equal(matrix @ x, correlate(x, kernel, "same", mode=mode))
