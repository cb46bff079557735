import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from skimage.measure import block_reduce

from kcnn.arithmetic.pooling import average_pool, average_pool_gradient, max_pool, max_pool_gradient
from kcnn.errors import InputError
from tests.arithmetic.cases import few, slopes, up_to_three

PAIRS = [(max_pool, max_pool_gradient), (average_pool, average_pool_gradient)]
KERAS = {
    max_pool: [keras.layers.MaxPooling1D, keras.layers.MaxPooling2D, keras.layers.MaxPooling3D],
    average_pool: [keras.layers.AveragePooling1D, keras.layers.AveragePooling2D, keras.layers.AveragePooling3D],
}


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@st.composite
def poolings(draw):
    """A batch, and size, stride and padding of windows on it."""
    axes = draw(up_to_three)
    size, stride = ([draw(few) for _ in range(axes)] for _ in range(2))
    padding = draw(st.sampled_from(["valid", "same", "full", [(draw(st.integers(0, tap - 1)), 0) for tap in size]]))
    x = drawn(2, *(tap + draw(st.integers(0, 4)) for tap in size), 2)
    return x, size, draw(st.sampled_from([None, stride])), padding


@pytest.mark.parametrize(("pool", "gradient"), PAIRS)
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 2), (2, 3), (4, 1), ((3, 2, 1), (2, 1, 2))])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_output_and_gradient_equal_kerass(pool, gradient, padding, size, stride, axes):
    size, stride = (n[:axes] if isinstance(n, tuple) else n for n in (size, stride))
    x = drawn(2, *(7, 6, 5)[:axes], 3).astype("float32")
    given_x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(given_x)
        expected = KERAS[pool][axes - 1](size, stride, padding, dtype="float32")(given_x)
        upstream = drawn(*expected.shape, seed=1).astype("float32")
        loss = tf.reduce_sum(expected * upstream)

    y = pool(x, size, stride, padding)

    assert y.dtype == "float32"
    np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-6)
    dx = gradient(x, upstream, size, stride, padding)
    np.testing.assert_allclose(dx, tape.gradient(loss, given_x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("pool", "function"), [(max_pool, np.max), (average_pool, np.mean)])
def test_windows_side_by_side_are_scikit_images_blocks(pool, function):
    x = drawn(6, 9)

    np.testing.assert_allclose(pool(x[None, ..., None], (2, 3))[0, ..., 0], block_reduce(x, (2, 3), function))


def test_of_equal_values_the_first_in_c_order_gets_the_whole_gradient():
    x = np.array([[1.0, 2], [2, 2]])[None, ..., None]

    gradient = max_pool_gradient(x, np.full((1, 1, 1, 1), 5.0), 2)

    np.testing.assert_array_equal(gradient[0, ..., 0], [[0, 5], [0, 0]])


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (3, 1), (2, 3)])
def test_ties_are_settled_as_on_tensorflows_cpu(size, stride, padding):
    x = np.random.default_rng(0).integers(-1, 1, (2, 9, 8, 3)).astype("float32")
    given_x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(given_x)
        expected = tf.nn.max_pool2d(given_x, size, stride, padding.upper())
        upstream = drawn(*expected.shape).astype("float32")
        loss = tf.reduce_sum(expected * upstream)

    gradient = max_pool_gradient(x, upstream, size, stride, padding)

    np.testing.assert_allclose(gradient, tape.gradient(loss, given_x), atol=1e-6)


@given(poolings())
def test_the_maximum_takes_its_values_from_where_its_gradient_goes(pooling):
    x, *rules = pooling
    y = max_pool(x, *rules)

    gradient = max_pool_gradient(x, np.ones_like(y), *rules)

    assert gradient.sum() == y.size
    assert (x * gradient).sum() == pytest.approx(y.sum())


@given(poolings(), st.floats(-3, 3))
def test_the_average_is_linear_and_its_gradient_the_adjoint(pooling, factor):
    x, *rules = pooling
    y, other = average_pool(x, *rules), drawn(*x.shape, seed=1)
    upstream = drawn(*y.shape, seed=2)

    np.testing.assert_allclose(
        average_pool(x + factor * other, *rules), y + factor * average_pool(other, *rules), atol=1e-9
    )
    assert (y * upstream).sum() == pytest.approx((x * average_pool_gradient(x, upstream, *rules)).sum())


@pytest.mark.parametrize(("pool", "gradient"), PAIRS)
@pytest.mark.parametrize(("size", "stride", "padding"), [(2, None, "valid"), (3, 2, "same"), ((2, 3), 1, "full")])
def test_the_gradients_are_the_slopes(pool, gradient, size, stride, padding):
    x = drawn(1, 5, 4, 2)
    rules = size, stride, padding
    upstream = drawn(*pool(x, *rules).shape)

    by_x = slopes(lambda x: (upstream * pool(x, *rules)).sum(), x)

    np.testing.assert_allclose(gradient(x, upstream, *rules), by_x, atol=1e-6)


@given(poolings(), st.floats(-3, 3))
def test_padding_counts_for_nothing(pooling, value):
    x, *rules = pooling
    constant = np.full_like(x, value)

    np.testing.assert_array_equal(max_pool(constant, *rules), np.full_like(max_pool(x, *rules), value))
    np.testing.assert_allclose(average_pool(constant, *rules), np.full_like(max_pool(x, *rules), value))


@pytest.mark.parametrize("pool", [max_pool, average_pool])
@given(few, st.integers(-4, 4))
def test_what_moves_by_a_stride_moves_by_a_place(pool, stride, steps):
    x = drawn(1, 6 * stride, 2)

    moved = pool(np.roll(x, stride * steps, 1), stride)

    np.testing.assert_array_equal(moved, np.roll(pool(x, stride), steps, 1))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "bool"])
def test_integers_have_integer_maxima_and_float_averages(dtype):
    x = np.random.default_rng(0).integers(0, 256, (1, 5, 5, 1)).astype(dtype)

    largest, mean = max_pool(x, 3, 2, "same"), average_pool(x, 3, 2, "same")

    assert (largest.dtype, mean.dtype) == (dtype, "float64")
    np.testing.assert_array_equal(largest, max_pool(x.astype(float), 3, 2, "same"))
    np.testing.assert_allclose(mean, average_pool(x.astype(float), 3, 2, "same"))


def test_minus_infinity_may_be_the_largest_and_padding_still_gets_no_gradient():
    x = np.full((1, 3, 1), -np.inf)

    assert max_pool(x, 3, 1, "same").max() == -np.inf
    np.testing.assert_array_equal(max_pool_gradient(x, np.ones((1, 3, 1)), 3, 1, "same")[0, :, 0], [2, 1, 0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((5, 5)), 2), r"x is \(N, \*sizes, channels\), got \(5, 5\)"),
        ((np.ones((1, 5, 1)), 6), "a window of 6 does not fit into 5"),
        ((np.ones((1, 5, 1)), (2, 2)), r"size is a whole number, or one for each axis \(1\)"),
        ((np.ones((1, 5, 1)), 2, 0), "stride must be at least 1, got 0"),
        ((np.ones((1, 5, 1)), 2, 1, 2), "padding must be smaller than the window, got 2 for"),
    ],
)
def test_what_cannot_be_pooled_is_refused(arguments, message):
    for pool in max_pool, average_pool:
        with pytest.raises(InputError, match=message):
            pool(*arguments)


@pytest.mark.parametrize("gradient", [max_pool_gradient, average_pool_gradient])
def test_an_upstream_gradient_of_another_shape_is_refused(gradient):
    with pytest.raises(InputError, match=r"the output's shape \(1, 2, 1\), got \(1, 4, 1\)"):
        gradient(np.ones((1, 4, 1)), np.ones((1, 4, 1)), 2)


def test_halves_are_averaged_in_float32():
    large = np.full((1, 4, 1), 30000, np.float16)

    np.testing.assert_array_equal(average_pool(large, 4), [[[30000]]])


def test_the_first_nan_of_a_window_gets_its_gradient():
    x = np.array([1, np.nan, np.nan, 4]).reshape(1, 4, 1)

    assert np.isnan(max_pool(x, 4)).all()
    np.testing.assert_array_equal(max_pool_gradient(x, np.ones((1, 1, 1)), 4)[0, :, 0], [0, 1, 0, 0])


@pytest.mark.parametrize(
    ("gradient", "dtype"),
    [
        (max_pool_gradient, "uint8"),
        (max_pool_gradient, "float16"),
        (average_pool_gradient, "uint8"),
        (average_pool_gradient, "float16"),
    ],
)
def test_gradients_that_meet_do_not_overflow_a_small_type(gradient, dtype):
    largest = np.iinfo(dtype).max if dtype == "uint8" else int(np.finfo(dtype).max)
    x, upstream = np.array([1, 9, 1]).reshape(1, 3, 1), np.full((1, 2, 1), largest, dtype)

    assert gradient(x, upstream, 2, 1).sum() == 2 * largest
