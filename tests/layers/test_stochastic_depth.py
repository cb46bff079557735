import keras
import numpy as np
import pytest
import tensorflow as tf

from kcnn.errors import InputError
from kcnn.layers.stochastic_depth import StochasticDepth
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (5, 4, 3)

    def make(self, **kwargs):
        return StochasticDepth(0.25, seed=1, **kwargs)


ONES = np.ones((2000, 2, 2, 3), "float32")


def test_in_training_an_example_is_dropped_whole_or_kept_whole_and_scaled():
    answer = np.array(StochasticDepth(0.2, seed=0)(ONES, training=True)).reshape(2000, -1)

    assert (answer == answer[:, :1]).all()
    np.testing.assert_allclose(np.unique(answer), [0, 1.25])


def test_the_share_of_dropped_examples_is_the_rate_and_the_expectation_stays():
    answer = np.array(StochasticDepth(0.2, seed=0)(ONES, training=True))

    assert abs((answer[:, 0, 0, 0] == 0).mean() - 0.2) < 0.03
    assert abs(answer.mean() - 1) < 0.03


def test_each_call_draws_anew_and_a_seed_gives_the_same_draws():
    first, second = StochasticDepth(0.5, seed=3), StochasticDepth(0.5, seed=3)

    draws = np.array([first(ONES, training=True) for _ in range(2)])

    assert (draws[0] != draws[1]).any()
    np.testing.assert_array_equal(draws, [second(ONES, training=True) for _ in range(2)])


@pytest.mark.parametrize("shape", [(7,), (7, 3), (7, 2, 3)])
def test_it_takes_any_number_of_axes(shape):
    answer = np.array(StochasticDepth(0.5, seed=0)(np.ones(shape, "float32"), training=True))

    assert answer.shape == shape
    assert set(np.unique(answer)) == {0, 2}


def test_nothing_is_dropped_outside_training():
    np.testing.assert_array_equal(StochasticDepth(0.9, seed=0)(ONES), ONES)


def test_with_rate_0_it_is_the_identity_and_holds_no_state():
    layer = StochasticDepth(0)

    np.testing.assert_array_equal(layer(ONES, training=True), ONES)
    assert layer.variables == []


def test_the_state_of_its_generator_moves_and_is_no_weight():
    layer = StochasticDepth(0.5, seed=0)
    (state,) = layer.variables
    before = np.array(state)

    layer(ONES, training=True)

    assert layer.weights == []
    assert (np.array(state) != before).any()


@pytest.mark.parametrize("jit_compile", [False, True])
def test_in_a_compiled_stateless_call_the_caller_carries_the_state(jit_compile):
    layer = StochasticDepth(0.5, seed=0)
    layer.build(ONES.shape)
    state = [keras.ops.convert_to_tensor(value) for value in layer.non_trainable_variables]
    run = tf.function(lambda state, x: layer.stateless_call([], state, x, training=True), jit_compile=jit_compile)

    once, state = run(state, tf.constant(ONES))
    twice, _ = run(state, tf.constant(ONES))

    assert set(np.unique(once)) == set(np.unique(twice)) == {0, 2}
    assert (np.array(once) != np.array(twice)).any()


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5])
def test_a_rate_that_is_no_probability_or_leaves_nothing_is_refused(rate):
    with pytest.raises(InputError, match=f"rate must be at least 0 and below 1, got {rate}"):
        StochasticDepth(rate)
