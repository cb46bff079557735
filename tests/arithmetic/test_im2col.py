import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from skimage.util import view_as_windows

from kcnn.arithmetic.correlation import correlation
from kcnn.arithmetic.im2col import col2im, correlation_by_im2col, im2col
from kcnn.errors import InputError
from tests.arithmetic.cases import any_padding, correlations, up_to_three


@given(correlations(axes=up_to_three, padding=any_padding))
def test_the_matrix_product_is_the_correlation(case):
    x, kernel = case.operands()

    y = correlation_by_im2col(x, kernel, *case.rules, case.groups)

    np.testing.assert_allclose(y, correlation(x, kernel, *case.rules, case.groups), atol=1e-12)


def test_the_rows_are_the_windows_of_scikit_image():
    x = np.arange(30.0).reshape(5, 6)

    rows = im2col(x[None, ..., None], (2, 3), stride=2)

    np.testing.assert_array_equal(rows[0], view_as_windows(x, (2, 3), 2).reshape(-1, 6))


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), (2, 2)])
def test_the_rows_are_tensorflows_patches(padding, stride, dilation):
    x = np.random.default_rng(0).normal(size=(2, 8, 7, 3))

    rows = im2col(x, (3, 2), padding, stride, dilation)

    patches = tf.image.extract_patches(
        x, [1, 3, 2, 1], [1, stride, stride, 1], [1, dilation, dilation, 1], padding.upper()
    )
    np.testing.assert_array_equal(rows, tf.reshape(patches, rows.shape))


@given(correlations(axes=up_to_three, padding=any_padding))
def test_col2im_is_the_adjoint(case):
    x, _ = case.operands()
    rows = im2col(x, case.taps, *case.rules)
    columns = np.random.default_rng(1).normal(size=rows.shape)

    back = col2im(columns, x.shape, case.taps, *case.rules)

    assert back.shape == x.shape
    assert (rows * columns).sum() == pytest.approx((x * back).sum())


def test_col2im_undoes_windows_that_do_not_overlap_and_counts_those_that_do():
    x = np.random.default_rng(0).normal(size=(2, 4, 6, 3))

    np.testing.assert_array_equal(col2im(im2col(x, (2, 3), stride=(2, 3)), x.shape, (2, 3), stride=(2, 3)), x)
    counts = col2im(im2col(np.ones((1, 4, 1)), (2,)), (1, 4, 1), (2,))
    np.testing.assert_array_equal(counts[0, :, 0], [1, 2, 2, 1])


def test_small_integers_do_not_overflow():
    x = np.full((1, 3, 3, 1), 255, np.uint8)

    assert correlation_by_im2col(x, np.full((3, 3, 1, 1), 255, np.uint8)).item() == 9 * 255**2


def test_columns_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r"the columns of \(1, 4, 1\) have shape \(1, 3, 2\), got \(1, 2, 2\)"):
        col2im(np.ones((1, 2, 2)), (1, 4, 1), (2,))


def test_small_integers_do_not_overflow_where_windows_overlap():
    rows = np.full((1, 3, 3), 100, np.uint8)

    np.testing.assert_array_equal(col2im(rows, (1, 5, 1), (3,))[0, :, 0], [100, 200, 300, 200, 100])
