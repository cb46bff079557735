import numpy as np

from kcnn.layers import Fire
from tests.contracts.block import BlockContract


class TestContract(BlockContract):
    input_shape = (5, 4, 6)

    def make(self, **kwargs):
        return Fire(3, 4, 5, **kwargs)


class TestContractNormalised(BlockContract):
    input_shape = (5, 4, 6)

    def make(self, **kwargs):
        return Fire(4, 4, 6, norm={"kind": "batch"}, **kwargs)


def test_it_has_the_papers_parameters_and_joins_the_two_expansions():
    layer = Fire(16, 64, 64)
    layer.build((None, 9, 9, 96))

    assert layer.count_params() == (96 * 16 + 16) + (16 * 64 + 64) + (9 * 16 * 64 + 64)
    assert layer.compute_output_shape((None, 9, 9, 96)) == (None, 9, 9, 128)


def test_the_first_maps_are_those_of_the_1x1_filters():
    x = np.random.default_rng(0).normal(size=(1, 4, 4, 6)).astype("float32")
    layer = Fire(3, 2, 5)
    layer.build(x.shape)
    parts = {part.name.removeprefix(layer.name): part for part in layer.graph.layers}
    squeezed = np.maximum(parts["_squeeze_conv"](x), 0)

    np.testing.assert_allclose(
        layer(x)[..., :2], np.maximum(parts["_expand1x1_conv"](squeezed), 0), rtol=1e-5, atol=1e-6
    )
