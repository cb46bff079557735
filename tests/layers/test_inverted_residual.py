import numpy as np
import pytest
from keras import layers

from kcnn.layers import InvertedResidual, StochasticDepth
from tests.contracts.block import BlockContract


class TestContract(BlockContract):
    input_shape = (6, 5, 4)

    def make(self, **kwargs):
        return InvertedResidual(4, expansion=3, squeeze=2, activation="silu", **kwargs)


class TestContractWhereItHalves(BlockContract):
    input_shape = (7, 6, 4)

    def make(self, **kwargs):
        return InvertedResidual(6, kernel_size=5, strides=2, **kwargs)


def built(**options):
    layer = InvertedResidual(**options)
    layer.build((None, 6, 6, 4))
    return layer


def kinds(layer):
    return [type(part) for part in layer.graph.layers]


@pytest.mark.parametrize(("filters", "strides", "joined"), [(4, 1, True), (5, 1, False), (4, 2, False)])
def test_there_is_a_shortcut_where_no_shape_changes(filters, strides, joined):
    assert (layers.Add in kinds(built(filters=filters, strides=strides))) == joined


def test_without_expansion_there_is_no_first_convolution():
    assert kinds(built(filters=4, expansion=1)).count(layers.Conv2D) == 1
    assert kinds(built(filters=4, expansion=2)).count(layers.Conv2D) == 2


def test_a_dropped_block_leaves_the_shortcut():
    layer = built(filters=4, drop=0.99)
    x = np.random.default_rng(0).normal(size=(8, 6, 6, 4)).astype("float32")
    answer = np.array(layer(x, training=True))

    assert StochasticDepth in kinds(layer)
    assert any(np.array_equal(one, before) for one, before in zip(answer, x, strict=True))


@pytest.mark.parametrize("padding", ["symmetric", "same"])
def test_both_paddings_halve_and_begin_at_different_places(padding):
    layer = built(filters=4, strides=2, padding=padding)

    assert layer.compute_output_shape((None, 6, 5, 4)) == (None, 3, 3, 4)
    assert (layers.ZeroPadding2D in kinds(layer)) == (padding == "symmetric")


def test_depthwise_kernels_start_with_variance_two_over_what_a_unit_sees():
    layer = InvertedResidual(160, kernel_size=5, expansion=6)
    layer.build((None, 7, 7, 160))
    kernel = layer.graph.get_layer(f"{layer.name}_depthwise_conv").get_weights()[0]

    assert kernel.shape == (5, 5, 960, 1)
    assert kernel.std() == pytest.approx((2 / 25) ** 0.5, rel=0.02)
