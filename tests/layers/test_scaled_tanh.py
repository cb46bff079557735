import numpy as np

from kcnn.layers import ScaledTanh
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (5, 4, 3)

    def make(self, **kwargs):
        return ScaledTanh(**kwargs)


def test_it_maps_one_to_one_and_minus_one_to_minus_one():
    np.testing.assert_allclose(ScaledTanh()(np.array([[-1.0, 0.0, 1.0]])), [[-1, 0, 1]], atol=1e-4)


def test_it_is_the_papers_formula():
    x = np.linspace(-5, 5, 11, dtype="float32")

    np.testing.assert_allclose(ScaledTanh()(x), 1.7159 * np.tanh(2 * x / 3), rtol=1e-5)
