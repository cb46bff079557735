import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import ChannelShuffle
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (3, 2, 6)

    def make(self, **kwargs):
        return ChannelShuffle(3, **kwargs)


def test_maps_of_different_groups_become_neighbours():
    maps = np.arange(6, dtype="float32").reshape(1, 1, 1, 6)

    assert np.ravel(ChannelShuffle(2)(maps)).tolist() == [0, 3, 1, 4, 2, 5]
    assert np.ravel(ChannelShuffle(3)(maps)).tolist() == [0, 2, 4, 1, 3, 5]


def test_groups_that_do_not_divide_the_maps_are_refused():
    with pytest.raises(InputError, match="groups must divide the maps, got 4 for 6"):
        ChannelShuffle(4).build((None, 3, 2, 6))
