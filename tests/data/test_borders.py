"""The weights of a mask's pixels, against the paper's formula."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from kcnn.data.borders import IGNORED, border_weights, two_nearest

EQUAL = np.ones(3)


def by_the_formula(mask, balance, weight, sigma):
    """Equation 2, with each distance measured to each cell's pixels one by one."""
    labels, count = ndimage.label((mask != 0) & (mask != IGNORED))
    weights = np.zeros(mask.shape)
    for row, column in np.argwhere(mask != IGNORED):
        distances = sorted(
            min(np.hypot(*(place - (row, column))) for place in np.argwhere(labels == cell))
            for cell in range(1, count + 1)
        )
        border = weight * np.exp(-((distances[0] + distances[1]) ** 2) / (2 * sigma**2)) if count > 1 else 0
        weights[row, column] = balance[mask[row, column]] + border
    return weights


@pytest.mark.parametrize("sigma", [0.5, 2.0, 5.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_weights_are_the_formula_s(seed, sigma):
    random = np.random.default_rng(seed)
    mask = random.choice([0, 1, 2, IGNORED], (14, 11), p=[0.7, 0.1, 0.1, 0.1]).astype(np.uint8)
    balance = np.array([0.5, 1.5, 3.0])

    found = border_weights(mask, balance, 10.0, sigma)

    assert found.dtype == np.float32
    np.testing.assert_allclose(found, by_the_formula(mask, balance, 10.0, sigma), atol=1e-5)


@given(st.integers(0, 1000), st.floats(0.1, 0.9))
def test_the_distances_are_those_of_a_transform_of_each_whole_image(seed, share):
    cells = np.random.default_rng(seed).random((12, 17)) < share
    labels, count = ndimage.label(cells)
    each = [ndimage.distance_transform_edt(labels != cell) for cell in range(1, count + 1)]
    expected = np.sort(np.stack([*each, *[np.full(cells.shape, np.inf)] * 2]), axis=0)

    found = two_nearest(cells, reach=100)

    np.testing.assert_allclose(found, expected[:2], atol=1e-5)


def test_between_two_cells_a_pixel_weighs_more_the_narrower_the_gap():
    mask = np.zeros((5, 30), np.uint8)
    mask[:, [3, 5, 15, 20]] = 1

    weights = border_weights(mask, EQUAL, 10.0, 2.0)[2]

    assert weights[4] == pytest.approx(1 + 10 * np.exp(-4 / 8))
    assert weights[4] > weights[17] > weights[28]


@pytest.mark.parametrize("cells", [0, 1])
def test_with_fewer_than_two_cells_the_classes_decide_alone(cells):
    mask = np.zeros((8, 8), np.uint8)
    mask[2:4, 2:4] = cells

    np.testing.assert_allclose(border_weights(mask, np.array([0.5, 2.0]), 10.0, 5.0), np.where(mask, 2.0, 0.5))


def test_cells_that_touch_at_a_corner_are_two():
    mask = np.eye(2, dtype=np.uint8)

    assert border_weights(mask, EQUAL, 10.0, 5.0).min() > 1 + 10 * np.exp(-4 / 50) - 1e-4


def test_what_is_not_counted_weighs_nothing():
    mask = np.array([[0, 1, IGNORED, 1]], np.uint8)

    weights = border_weights(mask, EQUAL, 10.0, 5.0)

    assert weights[0, 2] == 0
    assert weights[0, :2].min() > 1
