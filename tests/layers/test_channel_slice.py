import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import ChannelSlice
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (3, 2, 6)

    def make(self, **kwargs):
        return ChannelSlice(1, 4, **kwargs)

    def test_one_step_moves_every_weight_before_it_and_in_it_and_lowers_the_loss(self):
        """Weights before it whose maps are not taken do not move: only the loss can be asked for."""
        model = self.model()
        model.compile("sgd", "mse", run_eagerly=True)
        x, y = self.batch(), np.ones((4, 1), "float32")
        assert model.train_on_batch(x, y) > model.train_on_batch(x, y)


def test_the_named_maps_are_taken():
    maps = np.arange(6, dtype="float32").reshape(1, 1, 1, 6)

    assert np.ravel(ChannelSlice(1, 4)(maps)).tolist() == [1, 2, 3]


@pytest.mark.parametrize(("begin", "end"), [(-1, 2), (2, 2), (3, 1)])
def test_an_empty_or_negative_range_is_refused(begin, end):
    with pytest.raises(InputError, match="begin must be at least 0 and below end"):
        ChannelSlice(begin, end)


def test_maps_that_are_not_there_are_refused():
    with pytest.raises(InputError, match="end must be at most the number of maps, got 7 for 6"):
        ChannelSlice(1, 7).build((None, 3, 2, 6))
