import numpy as np

from kcnn.layers import DenseBlock
from tests.contracts.block import BlockContract


class TestContract(BlockContract):
    input_shape = (5, 4, 4)

    def make(self, **kwargs):
        return DenseBlock(3, 2, **kwargs)


class TestContractWithBottlenecks(BlockContract):
    input_shape = (5, 4, 4)

    def make(self, **kwargs):
        return DenseBlock(2, 3, bottleneck=4, **kwargs)


def test_every_layer_adds_its_maps_behind_all_that_were_there():
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 5)).astype("float32")
    one, three = DenseBlock(1, 2), DenseBlock(3, 2)
    one.build(x.shape)
    three.build(x.shape)
    one.set_weights(three.get_weights()[: len(one.weights)])

    answer = np.array(three(x))

    assert answer.shape == (2, 4, 4, 5 + 3 * 2)
    np.testing.assert_array_equal(answer[..., :5], x)
    np.testing.assert_allclose(answer[..., :7], one(x), rtol=1e-5, atol=1e-6)


def test_a_bottleneck_keeps_the_3x3_convolutions_from_growing():
    layer = DenseBlock(3, 2, bottleneck=4)
    layer.build((None, 4, 4, 5))
    widths = [part.kernel.shape for part in layer.graph.layers if hasattr(part, "kernel")]

    assert widths == [(1, 1, 5, 8), (3, 3, 8, 2), (1, 1, 7, 8), (3, 3, 8, 2), (1, 1, 9, 8), (3, 3, 8, 2)]


def test_dropout_acts_in_training_only():
    x = np.ones((2, 4, 4, 5), "float32") + np.arange(5, dtype="float32")
    layer = DenseBlock(1, 2, dropout=0.5)

    np.testing.assert_array_equal(layer(x), layer(x))
    assert np.any(np.array(layer(x, training=True)) != np.array(layer(x)))
