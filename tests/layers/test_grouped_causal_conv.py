from itertools import product

import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import CausalConv1D, GroupedCausalConv1D
from tests.contracts.layer import LayerContract

X = np.random.default_rng(0).normal(size=(2, 9, 6)).astype("float32")


class TestContract(LayerContract):
    input_shape = (8, 6)

    def make(self, **kwargs):
        return GroupedCausalConv1D(9, 3, 3, 2, kernel_initializer="he_normal", bias_initializer="ones", **kwargs)


class TestContractOfOneChannelEach(LayerContract):
    input_shape = (7, 4)

    def make(self, **kwargs):
        return GroupedCausalConv1D(8, 1, 4, use_bias=False, **kwargs)


def made(x, filters, kernel, groups, dilation):
    layer = GroupedCausalConv1D(filters, kernel, groups, dilation)
    layer.build(x.shape)
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.weights])
    return layer


@pytest.mark.parametrize("steps", [1, 2, 9])
@pytest.mark.parametrize(("kernel", "groups", "dilation"), list(product([1, 2, 4], [1, 2, 3, 6], [1, 3])))
def test_each_group_is_a_causal_convolution_of_its_own(kernel, groups, dilation, steps):
    x = X[:, :steps]
    layer = made(x, 12, kernel, groups, dilation)

    answer = layer(x)

    weights, bias = layer.get_weights()
    assert weights.shape == (kernel, 6 // groups, 12)
    parts = []
    for group in range(groups):
        own = slice(group * 12 // groups, (group + 1) * 12 // groups)
        alone = CausalConv1D(12 // groups, kernel, dilation_rate=dilation)
        alone.build((2, steps, 6 // groups))
        alone.set_weights([weights[..., own], bias[own]])
        parts.append(alone(x[..., group * 6 // groups : (group + 1) * 6 // groups]))
    np.testing.assert_allclose(answer, np.concatenate(parts, -1), rtol=1e-4, atol=1e-5)


def test_the_number_of_steps_may_be_unknown():
    inputs = keras.Input((None, 6))
    layer = made(X, 6, 3, 2, 2)
    model = keras.Model(inputs, layer(inputs))

    assert model.output.shape == (None, None, 6)
    for steps in (1, 4, 9):
        np.testing.assert_allclose(model(X[:, :steps]), layer(X[:, :steps]), rtol=1e-5, atol=1e-6)


def test_every_weight_is_used_once_for_every_step():
    layer = made(X, 12, 4, 3, 1)

    assert layer.multiply_adds((None, 9, 6), (None, 9, 12)) == 9 * 4 * 2 * 12


@pytest.mark.parametrize(
    ("filters", "groups", "message"),
    [
        (8, 0, "groups must divide the filters, got 0 for 8"),
        (8, 3, "groups must divide the filters, got 3 for 8"),
        (8, 4, "groups must divide the channels, got 4 for 6"),
    ],
)
def test_groups_that_do_not_divide_are_refused(filters, groups, message):
    with pytest.raises(InputError, match=message):
        GroupedCausalConv1D(filters, 2, groups)(X)
