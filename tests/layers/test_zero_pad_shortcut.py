import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import ZeroPadShortcut
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (5, 4, 3)

    def make(self, **kwargs):
        return ZeroPadShortcut(6, strides=2, **kwargs)


def test_it_keeps_every_second_place_and_appends_maps_of_zeros():
    image = np.random.default_rng(0).normal(size=(2, 5, 4, 3)).astype("float32")

    answer = np.array(ZeroPadShortcut(7, strides=2)(image))

    assert answer.shape == (2, 3, 2, 7)
    np.testing.assert_array_equal(answer[..., :3], image[:, ::2, ::2])
    assert not answer[..., 3:].any()


def test_with_nothing_to_change_it_is_the_identity():
    image = np.random.default_rng(0).normal(size=(2, 5, 4, 3)).astype("float32")

    np.testing.assert_array_equal(ZeroPadShortcut(3)(image), image)


def test_it_refuses_to_drop_maps():
    with pytest.raises(InputError, match="cannot widen 8 maps to 4"):
        ZeroPadShortcut(4).build((None, 5, 5, 8))


def test_a_stride_below_one_is_refused():
    with pytest.raises(InputError, match="at least 1, got 4 and 0"):
        ZeroPadShortcut(4, strides=0)
