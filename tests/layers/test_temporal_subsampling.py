import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import CausalConv1D, TemporalSubsampling
from tests.contracts.layer import LayerContract

X = np.random.default_rng(0).normal(size=(2, 10, 3)).astype("float32")


class TestContract(LayerContract):
    input_shape = (8, 3)

    def make(self, **kwargs):
        return TemporalSubsampling(3, **kwargs)


@pytest.mark.parametrize("steps", range(1, 11))
@pytest.mark.parametrize("strides", [1, 2, 3, 12])
def test_it_keeps_the_last_step_and_those_at_equal_distances_before_it(strides, steps):
    layer = TemporalSubsampling(strides)
    expected = X[:, :steps][:, ::-1][:, ::strides][:, ::-1]

    assert layer.compute_output_shape((2, steps, 3)) == expected.shape
    np.testing.assert_array_equal(layer(X[:, :steps]), expected)


def test_it_keeps_the_steps_that_a_causal_convolution_answers_for():
    convolution = CausalConv1D(3, 1, strides=4, use_bias=False)
    convolution.build(X.shape)
    convolution.set_weights([np.eye(3)[None]])

    for steps in (1, 5, 10):
        np.testing.assert_array_equal(TemporalSubsampling(4)(X[:, :steps]), convolution(X[:, :steps]))


def test_the_number_of_steps_may_be_unknown():
    inputs = keras.Input((None, 3))
    model = keras.Model(inputs, TemporalSubsampling(2)(inputs))

    assert model.output.shape == (None, None, 3)
    for steps in (1, 6, 9):
        np.testing.assert_array_equal(model.predict(X[:, :steps], verbose=0), X[:, (steps - 1) % 2 : steps : 2])


def test_strides_below_one_are_refused():
    with pytest.raises(InputError, match="strides must be at least 1, got 0"):
        TemporalSubsampling(0)
