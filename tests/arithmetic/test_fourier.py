import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from scipy import fft, ndimage, signal

from kcnn.arithmetic.correlation import convolve
from kcnn.arithmetic.fourier import circular_convolution, linear_convolution, overlap_add
from kcnn.errors import InputError


@st.composite
def operands(draw, smaller=False):
    """An array and a kernel with equally many axes, real or complex; the kernel perhaps not larger."""
    shape = draw(array_shapes(max_dims=3, max_side=7))
    taps = [draw(st.integers(1, size if smaller else 7)) for size in shape]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x, kernel = rng.normal(size=shape), rng.normal(size=taps)
    return (x + 1j * rng.normal(size=shape), kernel) if draw(st.booleans()) else (x, kernel)


@given(operands(smaller=True))
def test_circular_convolution_is_convolution_of_an_array_that_wraps_round(pair):
    x, kernel = pair
    before = [(tap - 1, 0) for tap in kernel.shape]

    np.testing.assert_allclose(circular_convolution(x, kernel), convolve(x, kernel, before, mode="wrap"), atol=1e-12)


def test_circular_convolution_equals_scipys_with_the_kernels_centre_moved_to_its_first_tap():
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(7, 8)), rng.normal(size=(3, 5))

    y = circular_convolution(x, kernel)

    expected = ndimage.convolve(x, kernel, mode="wrap")
    np.testing.assert_allclose(np.roll(y, (-1, -2), (0, 1)), expected, atol=1e-12)


@given(operands(smaller=True))
def test_the_transform_of_a_circular_convolution_is_the_product_of_the_transforms(pair):
    x, kernel = pair

    transform = fft.fftn(circular_convolution(x, kernel))

    np.testing.assert_allclose(transform, fft.fftn(x) * fft.fftn(kernel, x.shape), atol=1e-10)


@given(operands(smaller=True), st.integers(-4, 4))
def test_moving_the_array_round_moves_the_result(pair, steps):
    x, kernel = pair
    axes = tuple(range(x.ndim))

    moved = circular_convolution(np.roll(x, steps, axes), kernel)

    np.testing.assert_allclose(moved, np.roll(circular_convolution(x, kernel), steps, axes), atol=1e-12)


@given(operands())
def test_linear_convolution_is_the_full_convolution(pair):
    expected = convolve(*pair)

    np.testing.assert_allclose(linear_convolution(*pair), expected, atol=1e-12)
    np.testing.assert_allclose(signal.fftconvolve(*pair), expected, atol=1e-12)


@given(operands(), st.data())
def test_overlapping_blocks_add_up_to_the_full_convolution(pair, data):
    blocks = [data.draw(st.integers(1, 9)) for _ in pair[0].shape]

    y = overlap_add(*pair, blocks)

    np.testing.assert_allclose(y, convolve(*pair), atol=1e-12)
    np.testing.assert_allclose(y, signal.oaconvolve(*pair), atol=1e-12)


def test_integers_become_floats_and_floats_keep_their_precision():
    ones = np.ones((4, 4), int)

    for convolution in circular_convolution, linear_convolution, lambda x, kernel: overlap_add(x, kernel, 2):
        assert convolution(ones, ones[:2, :2]).dtype == "float64"
        assert convolution(ones.astype("float32"), ones[:2, :2].astype("float32")).dtype == "float32"
        assert convolution(ones * 1j, ones[:2, :2]).dtype == "complex128"


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (circular_convolution, (np.ones(3), np.ones(4)), r"must not be larger than x, got \(4,\) for \(3,\)"),
        (circular_convolution, (np.ones((3, 3)), np.ones(2)), "equally many axes"),
        (linear_convolution, (np.ones(3), np.ones((2, 2))), "equally many axes"),
        (linear_convolution, (np.ones(3), np.ones(0)), "not be empty"),
        (overlap_add, (np.ones(3), np.ones(2), 0), "block must be at least 1, got 0"),
        (overlap_add, (np.ones(3), np.ones(2), (1, 2)), "block is a whole number, or one for each"),
    ],
)
def test_what_cannot_be_convolved_is_refused(function, arguments, message):
    with pytest.raises(InputError, match=message):
        function(*arguments)
