import numpy as np

from kcnn.layers import SqueezeExcite
from tests.contracts.block import BlockContract


class TestContract(BlockContract):
    input_shape = (5, 4, 6)

    def make(self, **kwargs):
        return SqueezeExcite(3, "silu", **kwargs)


def test_each_map_is_weighted_by_what_the_means_of_all_maps_say():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 4, 3, 6)).astype("float32")
    layer = SqueezeExcite(2)
    layer.build(x.shape)
    reduce, reduce_bias, expand, expand_bias = (rng.normal(size=weight.shape) for weight in layer.weights)
    layer.set_weights([reduce, reduce_bias, expand, expand_bias])

    narrow = np.maximum(x.mean(axis=(1, 2)) @ reduce[0, 0] + reduce_bias, 0)
    gate = 1 / (1 + np.exp(-(narrow @ expand[0, 0] + expand_bias)))

    np.testing.assert_allclose(layer(x), x * gate[:, None, None], rtol=1e-4, atol=1e-5)
