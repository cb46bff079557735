from itertools import product

import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import CausalConv1D
from tests.contracts.layer import LayerContract

X = np.random.default_rng(0).normal(size=(2, 9, 3)).astype("float32")


class TestContractStrided(LayerContract):
    input_shape = (8, 3)

    def make(self, **kwargs):
        return CausalConv1D(5, 4, strides=3, **kwargs)


class TestContractDilated(LayerContract):
    input_shape = (7, 3)

    def make(self, **kwargs):
        return CausalConv1D(4, (3,), dilation_rate=2, kernel_initializer="he_normal", bias_initializer="ones", **kwargs)


def made(x, filters=4, kernel=3, **options):
    layer = CausalConv1D(filters, kernel, **options)
    layer.build(x.shape)
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.weights])
    return layer


def by_formula(x, layer):
    """Bai et al. 2018, equation 2, at the steps that are counted from the end."""
    kernel, bias = (np.asarray(weight) for weight in layer.get_weights())
    steps, taps, gap = x.shape[1], len(kernel), layer.dilation_rate
    answers = []
    for t in range((steps - 1) % layer.strides, steps, layer.strides):
        seen = [(tap, t - gap * (taps - 1 - tap)) for tap in range(taps)]
        answers.append(bias + sum(x[:, time] @ kernel[tap] for tap, time in seen if time >= 0))
    return np.stack(answers, 1)


@pytest.mark.parametrize("steps", [1, 2, 3, 6, 7, 9])
@pytest.mark.parametrize(
    ("kernel", "strides", "dilation"),
    [rule for rule in product([1, 2, 5], [1, 2, 3, 11], [1, 2, 7]) if 1 in rule[1:]],
)
def test_it_equals_the_formula(kernel, strides, dilation, steps):
    layer = made(X, kernel=kernel, strides=strides, dilation_rate=dilation)

    answer = layer(X[:, :steps])

    assert answer.shape == layer.compute_output_shape((2, steps, 3)) == (2, -(-steps // strides), 4)
    np.testing.assert_allclose(answer, by_formula(X[:, :steps], layer), rtol=1e-4, atol=1e-5)


def test_without_strides_it_is_keras_own_causal_convolution():
    layer = made(X, kernel=3, dilation_rate=2)
    theirs = keras.layers.Conv1D(4, 3, padding="causal", dilation_rate=2)
    theirs.build(X.shape)
    theirs.set_weights(layer.get_weights())

    np.testing.assert_allclose(layer(X), theirs(X), rtol=1e-4, atol=1e-5)


def test_the_last_step_always_answers():
    every, strided = (made(X, strides=strides) for strides in (1, 4))
    strided.set_weights(every.get_weights())

    for steps in range(1, 10):
        whole = np.asarray(every(X[:, :steps]))
        np.testing.assert_allclose(strided(X[:, :steps])[:, -1], whole[:, -1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("options", [{"strides": 2}, {"dilation_rate": 3}])
def test_the_number_of_steps_may_be_unknown(options):
    inputs = keras.Input((None, 3))
    layer = made(X, **options)
    model = keras.Model(inputs, layer(inputs))

    assert model.output.shape == (None, None, 4)
    for steps in (1, 4, 9):
        np.testing.assert_allclose(model.predict(X[:, :steps], verbose=0), layer(X[:, :steps]), rtol=1e-4, atol=1e-5)


def test_a_bias_can_be_left_out():
    assert [weight.shape for weight in made(X, use_bias=False).weights] == [(3, 3, 4)]


def test_every_weight_is_used_once_for_every_step_of_the_output():
    layer = CausalConv1D(4, 5, strides=2)

    assert layer.multiply_adds((None, 9, 3), layer.compute_output_shape((None, 9, 3))) == 5 * 5 * 3 * 4


@pytest.mark.parametrize("options", [{}, {"kernel": 1}, {"kernel": 2, "dilation_rate": 4}, {"use_bias": False}])
def test_the_output_at_one_time_is_made_of_its_taps_alone(options):
    layer = made(X, **options)
    taps, gap = layer.kernel_size[0], layer.dilation_rate

    whole = np.asarray(layer(X))

    for time in range(gap * (taps - 1), X.shape[1]):
        met = X[:, time - gap * (taps - 1) : time + 1 : gap]
        np.testing.assert_allclose(layer.last(met), whole[:, time], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filters": 0}, "filters must be at least 1, got 0"),
        ({"kernel_size": 0}, "kernel_size must be at least 1, got 0"),
        ({"kernel_size": (3, 3)}, r"kernel_size is one number, got \(3, 3\)"),
        ({"strides": 0}, "strides must be at least 1, got 0"),
        ({"dilation_rate": 0}, "dilation must be at least 1, got 0"),
        ({"strides": 2, "dilation_rate": 3}, "strides or dilation may be above 1, not both, got 2 and 3"),
    ],
)
def test_what_is_no_causal_convolution_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        CausalConv1D(**{"filters": 4, "kernel_size": 3, **arguments})
