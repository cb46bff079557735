import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.layers import Inception
from tests.contracts.block import BlockContract


class TestContractReduced(BlockContract):
    input_shape = (6, 5, 8)

    def make(self, **kwargs):
        return Inception(4, 6, 3, 5, 2, 3, **kwargs)


class TestContractNaive(BlockContract):
    input_shape = (6, 5, 8)

    def make(self, **kwargs):
        return Inception(4, 6, 3, **kwargs)


def built(*rows, **options):
    layer = Inception(*rows, **options)
    layer.build((None, 7, 7, 192))
    return layer


def test_the_reduced_module_costs_what_table_1_says_of_inception_3a():
    layer = built(64, 128, 32, 96, 16, 32)

    assert layer.compute_output_shape((None, 28, 28, 192)) == (None, 28, 28, 256)
    assert layer.count_params() == pytest.approx(159_000, rel=0.03)
    assert layer.multiply_adds((None, 28, 28, 192), (None, 28, 28, 256)) == pytest.approx(128e6, rel=0.01)


def test_the_naive_module_passes_all_maps_through_its_pooling_and_costs_more():
    naive, reduced = built(64, 128, 32), built(64, 128, 32, 96, 16, 32)
    shape = (None, 28, 28, 192)

    assert naive.compute_output_shape(shape) == (None, 28, 28, 64 + 128 + 32 + 192)
    assert naive.multiply_adds(shape, None) > 2 * reduced.multiply_adds(shape, None)


def test_the_largest_filters_can_be_torchvisions_3x3():
    sizes = [part.kernel_size for part in built(8, 8, 8, 8, 8, 8, five=3).graph.layers if hasattr(part, "kernel_size")]

    assert sizes.count((3, 3)) == 2
    assert sizes.count((5, 5)) == 0


def test_the_four_branches_are_joined_in_the_order_of_their_size():
    layer = built(1, 2, 3, 4, 5, 6)
    join = next(part for part in layer.graph.layers if isinstance(part, layers.Concatenate))

    assert [tensor.shape[-1] for tensor in join.input] == [1, 2, 3, 6]


def test_reductions_go_together():
    with pytest.raises(InputError, match="go together"):
        Inception(4, 6, 3, reduce_threes=2)
