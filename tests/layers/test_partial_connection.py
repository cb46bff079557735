import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import PartialConnectionConv2D
from tests.contracts.layer import LayerContract

TABLE = [[True, False, True, False], [True, True, False, False], [False, False, True, True]]


class TestContract(LayerContract):
    input_shape = (5, 4, 3)

    def make(self, **kwargs):
        return PartialConnectionConv2D(TABLE, 2, **kwargs)


def test_each_output_is_the_sum_of_the_correlations_with_the_maps_it_sees():
    rng = np.random.default_rng(0)
    image = rng.normal(size=(2, 6, 5, 3)).astype("float32")
    layer = PartialConnectionConv2D(TABLE, 3)
    layer.build(image.shape)
    kernel, bias = rng.normal(size=layer.kernel.shape), rng.normal(size=4)
    layer.set_weights([kernel, bias])
    expected = np.zeros((2, 4, 3, 4)) + bias
    for connection, (source, target) in enumerate(np.argwhere(TABLE)):
        for n, i, j in np.ndindex(2, 4, 3):
            window = image[n, i : i + 3, j : j + 3, source]
            expected[n, i, j, target] += (window * kernel[connection]).sum()

    np.testing.assert_allclose(layer(image), expected, rtol=1e-4, atol=1e-4)


def test_weights_exist_only_for_the_connections_that_exist():
    layer = PartialConnectionConv2D(TABLE, 5)
    layer.build((None, 9, 9, 3))

    assert layer.count_params() == 6 * 25 + 4
    assert layer.multiply_adds((None, 9, 9, 3), (None, 5, 5, 4)) == 25 * 6 * 25


def test_weights_start_within_the_bounds_of_their_output_maps_fan_in():
    seen_by_1, seen_by_all = [True] + 99 * [False], 100 * [True]
    table = np.array([seen_by_1, seen_by_all]).T.tolist()
    layer = PartialConnectionConv2D(table, 5)
    layer.build((None, 9, 9, 100))
    kernel = layer.dense_kernel()

    assert 0.05 < np.abs(kernel[..., 0]).max() <= 2.4 / 25
    assert 0.0009 < np.abs(kernel[..., 1]).max() <= 2.4 / 2500


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "there must be one at least"),
        ([[True], [True, False]], "must have one length"),
        ([[True, False], [True, False]], r"outputs \[1\] see no input"),
    ],
)
def test_a_table_that_is_no_connection_table_is_refused(table, message):
    with pytest.raises(InputError, match=message):
        PartialConnectionConv2D(table, 3)


def test_other_channels_than_the_tables_rows_are_refused():
    with pytest.raises(InputError, match="connects 3 input maps, got 5"):
        PartialConnectionConv2D(TABLE, 3).build((None, 9, 9, 5))
