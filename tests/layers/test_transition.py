import numpy as np
import pytest

from kcnn.layers import Transition
from tests.contracts.block import BlockContract


class TestContract(BlockContract):
    input_shape = (6, 5, 4)

    def make(self, **kwargs):
        return Transition(**kwargs)


@pytest.mark.parametrize(("compression", "maps"), [(0.5, 3), (1.0, 7), (0.9, 6)])
def test_it_keeps_the_share_of_the_maps_rounded_down_and_halves_the_size(compression, maps):
    assert Transition(compression).compute_output_shape((None, 9, 8, 7)) == (None, 4, 4, maps)


def test_the_mean_over_2x2_comes_after_the_convolution():
    x = np.random.default_rng(0).normal(size=(1, 4, 4, 2)).astype("float32")
    layer = Transition(1.0)
    layer.build(x.shape)
    kernel = layer.graph.get_layer(f"{layer.name}_conv").get_weights()[0][0, 0]
    mixed = np.maximum(x / np.sqrt(1 + 1e-5), 0) @ kernel

    np.testing.assert_allclose(layer(x), mixed.reshape(1, 2, 2, 2, 2, 2).mean((2, 4)), rtol=1e-4, atol=1e-5)
