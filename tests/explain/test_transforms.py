"""Shifts, turns and scales, against NumPy's own and SciPy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from kcnn.errors import InputError
from kcnn.explain.transforms import rotate, scale, translate

IMAGES = np.random.default_rng(0).normal(size=(2, 7, 9, 3)).astype("float32")


@given(down=st.integers(-10, 10), right=st.integers(-10, 10), fill=st.floats(-3, 3, width=16))
def test_a_whole_shift_moves_pixels_and_fills_the_rest(down, right, fill):
    expected = np.full_like(IMAGES, fill)
    for row, column in np.ndindex(7, 9):
        if 0 <= row - down < 7 and 0 <= column - right < 9:
            expected[:, row, column] = IMAGES[:, row - down, column - right]
    np.testing.assert_array_equal(translate(IMAGES, (down, right), fill), expected)


def test_a_single_number_moves_to_the_right():
    np.testing.assert_array_equal(translate(IMAGES, 2), translate(IMAGES, (0, 2)))
    np.testing.assert_array_equal(translate(IMAGES, 2)[:, :, 2:], IMAGES[:, :, :-2])


@given(down=st.floats(-9, 9), right=st.floats(-9, 9))
def test_a_shift_by_parts_of_pixels_is_scipy_s(down, right):
    expected = ndimage.shift(IMAGES[0, ..., 0], (down, right), order=1, mode="grid-constant", cval=0.5)
    np.testing.assert_allclose(translate(IMAGES, (down, right), 0.5)[0, ..., 0], expected, atol=1e-5)


@pytest.mark.parametrize("quarters", [1, 2, 3, -1])
def test_quarter_turns_are_exact_and_anticlockwise(quarters):
    square = IMAGES[:, :, :7]
    turned = rotate(square, 90 * quarters)
    np.testing.assert_allclose(turned, np.rot90(square, quarters, axes=(1, 2)), atol=1e-5)


@given(degrees=st.floats(-180, 180))
def test_a_turn_is_scipy_s(degrees):
    expected = ndimage.rotate(IMAGES[0, ..., 0], degrees, reshape=False, order=1, mode="grid-constant", cval=-1.0)
    np.testing.assert_allclose(rotate(IMAGES, degrees, -1.0)[0, ..., 0], expected, atol=1e-4)


def test_enlarging_spreads_the_centre():
    ramp = np.broadcast_to(np.arange(9.0)[:, np.newaxis], (1, 9, 9))[..., np.newaxis]
    np.testing.assert_allclose(scale(ramp, 2.0)[0, :, 4, 0], 4 + (np.arange(9) - 4) / 2)


def test_making_smaller_leaves_a_frame_of_the_fill():
    small = scale(np.ones((1, 8, 8, 1)), 0.5, fill=7.0)[0, ..., 0]
    np.testing.assert_array_equal(small[2:6, 2:6], np.ones((4, 4)))
    assert (small[[0, -1]] == 7).all() and (small[:, [0, -1]] == 7).all()


@pytest.mark.parametrize("unchanged", [(translate, 0), (rotate, 0.0), (scale, 1.0)])
def test_no_amount_of_change_changes_nothing(unchanged):
    transform, amount = unchanged
    np.testing.assert_array_equal(transform(IMAGES, amount, 5.0), IMAGES)


@pytest.mark.parametrize("factor", [0, -1])
def test_a_factor_that_is_not_above_0_is_refused(factor):
    with pytest.raises(InputError, match=f"amount must be finite and above 0, got {factor}"):
        scale(IMAGES, factor)


def test_a_pair_may_be_an_array():
    images = np.arange(12.0).reshape(1, 3, 4, 1)

    np.testing.assert_array_equal(translate(images, np.array([1, 2])), translate(images, (1, 2)))


@pytest.mark.parametrize("transform", [translate, rotate, scale])
@pytest.mark.parametrize("amount", [np.nan, np.inf])
def test_an_amount_that_is_not_finite_is_refused(transform, amount):
    with pytest.raises(InputError, match=f"amount must be finite.*, got {amount}"):
        transform(np.zeros((1, 3, 3, 1)), amount)
