import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import ShuffleUnit
from tests.contracts.block import BlockContract


class TestContract(BlockContract):
    input_shape = (4, 5, 6)
    redundant = ("depthwise_norm/beta",)

    def make(self, **kwargs):
        return ShuffleUnit(6, **kwargs)


class TestContractWhereItHalves(BlockContract):
    input_shape = (5, 6, 3)
    redundant = ("depthwise_norm/beta",)

    def make(self, **kwargs):
        return ShuffleUnit(8, strides=2, **kwargs)


def test_half_of_the_maps_passes_by_and_lies_at_the_even_places():
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 6)).astype("float32")

    answer = np.array(ShuffleUnit(6)(x))

    np.testing.assert_array_equal(answer[..., ::2], x[..., :3])
    assert np.all(answer[..., 1::2] >= 0)


@pytest.mark.parametrize(
    ("filters", "shape", "message"),
    [(7, None, "filters must be even, got 7"), (8, (None, 4, 4, 6), "6, got filters 8")],
)
def test_odd_filters_and_a_change_of_maps_without_halving_are_refused(filters, shape, message):
    with pytest.raises(InputError, match=message):
        ShuffleUnit(filters).build(shape)
