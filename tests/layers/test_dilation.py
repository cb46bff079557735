import numpy as np
import pytest

from kcnn.layers.dilation import dilated


@pytest.mark.parametrize("gaps", [(1, 1), (2, 1), (1, 3), (3, 2)])
def test_the_taps_lie_a_gap_apart_and_all_else_is_zero(gaps):
    kernel = np.random.default_rng(0).normal(size=(3, 2, 4, 5)).astype("float32")
    expected = np.zeros((2 * gaps[0] + 1, gaps[1] + 1, 4, 5), "float32")
    expected[:: gaps[0], :: gaps[1]] = kernel

    np.testing.assert_array_equal(dilated(kernel, gaps), expected)


def test_a_single_tap_has_nothing_between():
    kernel = np.ones((1, 2, 2), "float32")

    np.testing.assert_array_equal(dilated(kernel, (4,)), kernel)
