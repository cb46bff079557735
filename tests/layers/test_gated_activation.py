import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import GatedActivation
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (5, 6)

    def make(self, **kwargs):
        return GatedActivation(**kwargs)


class TestContractOfVectors(LayerContract):
    input_shape = (4,)

    def make(self, **kwargs):
        return GatedActivation(**kwargs)


def test_the_first_half_is_answered_as_far_as_the_second_opens():
    x = np.random.default_rng(0).normal(0, 2, (3, 7, 8)).astype("float32")

    answer = GatedActivation()(x)

    assert answer.shape == (3, 7, 4)
    np.testing.assert_allclose(answer, np.tanh(x[..., :4]) / (1 + np.exp(-x[..., 4:])), rtol=1e-5, atol=1e-6)


def test_channels_without_halves_are_refused():
    with pytest.raises(InputError, match="a gated activation halves its channels, got 5"):
        GatedActivation()(np.zeros((1, 5), "float32"))
