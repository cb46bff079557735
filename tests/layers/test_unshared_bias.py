import numpy as np

from kcnn.layers import UnsharedBias
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (3, 4, 2)
    counted = False

    def make(self, **kwargs):
        return UnsharedBias(**kwargs)


def test_every_unit_has_a_bias_of_its_own():
    layer = UnsharedBias()
    layer.build((None, 2, 3, 2))
    bias = np.arange(12.0).reshape(2, 3, 2)
    layer.set_weights([bias])

    np.testing.assert_array_equal(layer(np.ones((1, 2, 3, 2), "float32"))[0], bias + 1)
