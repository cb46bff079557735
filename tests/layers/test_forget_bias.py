import keras
import numpy as np

from kcnn.layers import ForgetBias

SERIES = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")


def test_the_value_is_that_of_the_forget_gates_alone():
    np.testing.assert_array_equal(ForgetBias(2.5)((8,)), [0, 0, 2.5, 2.5, 0, 0, 0, 0])


def test_one_is_keras_own():
    ours = keras.layers.LSTM(4, unit_forget_bias=False, bias_initializer=ForgetBias())
    theirs = keras.layers.LSTM(4)
    for layer in (ours, theirs):
        layer.build((None, 5, 3))

    np.testing.assert_array_equal(ours.get_weights()[-1], theirs.get_weights()[-1])


def test_a_large_bias_remembers_the_first_step():
    """With gates of forgetting that are open the first input still matters at the end."""

    def influence(value):
        keras.utils.set_random_seed(0)
        layer = keras.layers.LSTM(8, unit_forget_bias=False, bias_initializer=ForgetBias(value))
        changed = SERIES.copy()
        changed[:, 0] += 1
        return np.abs(np.subtract(layer(changed), layer(SERIES))).mean()

    assert influence(5.0) > 2 * influence(0.0)


def test_it_is_the_same_after_a_round_trip():
    copy = keras.initializers.deserialize(keras.initializers.serialize(ForgetBias(3.0)))

    assert copy.get_config() == {"value": 3.0}
