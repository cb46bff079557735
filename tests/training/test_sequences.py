"""What is minimised and reported of series, against NumPy; and that what is over moves no weight."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax

from kcnn.recipes.optimize import Sgd
from kcnn.training.objectives import WHOLE
from kcnn.training.sequences import Autoregression, Forecasting, Labelling, Prediction, Regression
from tests.training import rig

RNG = np.random.default_rng(0)
LENGTHS = np.array([2, 6])
WEIGHTS = (np.arange(6) < LENGTHS[:, np.newaxis]).astype(np.float32)
LABELS = RNG.integers(0, 3, (2, 6))
ROLLS = RNG.integers(0, 2, (2, 6, 4)).astype(np.float32)
LOGITS = RNG.normal(0, 3, (2, 6, 3)).astype(np.float32)
KEYS = RNG.normal(0, 3, (2, 6, 4)).astype(np.float32)

CHANGES = RNG.normal(size=(2, 6, 4)).astype(np.float32)

OF_STEPS = [
    (Labelling, LABELS, LOGITS),
    (Prediction, ROLLS, KEYS),
    (Autoregression, LABELS, LOGITS),
    (Forecasting, CHANGES, KEYS),
]


def judged(objective, values, logits, weights=WEIGHTS):
    """What is minimised, and what is reported by name."""
    truth = {"values": tf.constant(values), "weights": tf.constant(weights)}
    judgement = objective.judge(None, truth, tf.constant(logits))
    named = dict(zip(objective.reported, (value.numpy() for value in judgement.reported), strict=True))
    return judgement.minimised[WHOLE].numpy(), named


def losses(objective, values, logits):
    """The loss of every step (N, steps) in NumPy."""
    logits = logits.astype(np.float64)
    if objective in (Labelling, Autoregression):
        return -np.take_along_axis(log_softmax(logits, -1), values[..., np.newaxis], -1)[..., 0]
    if objective is Forecasting:
        return np.abs(values - logits).mean(-1)
    return (np.logaddexp(0, logits) - values * logits).sum(-1)


def test_a_regression_is_judged_by_its_squared_error():
    truths, answers = RNG.normal(size=(2, 5, 3)).astype(np.float32)

    judgement = Regression().judge(None, tf.constant(truths), tf.constant(answers))

    np.testing.assert_allclose(judgement.minimised[WHOLE], ((truths - answers) ** 2).mean(-1), rtol=1e-5)
    np.testing.assert_array_equal(judgement.reported[0], judgement.minimised[WHOLE])
    assert Regression.reported == ("loss",)


def test_a_regression_is_reported_in_the_unit_of_its_targets_and_learns_in_that_of_their_deviation():
    mean, deviation = np.array([20_000, -3], np.float32), np.array([5000, 0.01], np.float32)
    answers, right = RNG.normal(size=(2, 5, 2)).astype(np.float32)
    truths = right * deviation + mean
    objective = Regression(lambda answered: answered * deviation + mean, tuple(deviation.tolist()))

    judgement = objective.judge(None, tf.constant(truths), tf.constant(answers))

    np.testing.assert_allclose(judgement.minimised[WHOLE], ((right - answers) ** 2).mean(-1), rtol=1e-3)
    errors = (truths.astype(np.float64) - (answers * deviation + mean)) ** 2
    np.testing.assert_allclose(judgement.reported[0], errors.mean(-1), rtol=1e-4)
    np.testing.assert_array_equal(objective.evaluated(None, None, tf.constant(answers)), answers * deviation + mean)


@pytest.mark.parametrize(("objective", "values", "logits"), OF_STEPS)
def test_a_series_weighs_as_much_as_it_has_steps(objective, values, logits):
    minimised, found = judged(objective(LENGTHS.mean()), values, logits)

    of_steps = losses(objective, values, logits)
    expected = [of_steps[row, :steps].sum() / 4 for row, steps in enumerate(LENGTHS)]
    np.testing.assert_allclose(minimised, expected, rtol=1e-5)
    np.testing.assert_array_equal(found["loss"], minimised)
    every = np.concatenate([of_steps[row, :steps] for row, steps in enumerate(LENGTHS)])
    assert minimised.mean() == pytest.approx(every.mean(), rel=1e-5)


def test_the_accuracy_is_the_share_of_the_steps_that_is_right():
    _, found = judged(Labelling(LENGTHS.mean()), LABELS, LOGITS)

    right = (LOGITS.argmax(-1) == LABELS) & (WEIGHTS > 0)
    assert found["accuracy"].mean() == pytest.approx(right.sum() / LENGTHS.sum())


def test_codes_are_judged_in_nats_and_in_bits():
    minimised, found = judged(Autoregression(LENGTHS.mean()), LABELS, np.zeros((2, 6, 3), np.float32))

    assert found["bits"].mean() == pytest.approx(np.log2(3))
    assert minimised.mean() == found["loss"].mean() == pytest.approx(np.log(3))


def test_a_network_that_continues_is_given_codes_and_what_is_told_and_answers_for_it_are_losses():
    objective = Autoregression(4.0)
    truth = {"values": tf.constant(LABELS), "weights": tf.constant(WEIGHTS), "speaker": tf.constant([1, 0])}

    given = objective.inputs("codes", truth)
    found = objective.evaluated(None, truth, tf.constant(LOGITS, tf.float16))

    assert set(given) == {"codes", "speaker"}
    assert given["codes"] == "codes"
    assert given["speaker"] is truth["speaker"]
    assert found.dtype == tf.float32
    np.testing.assert_allclose(found, losses(Autoregression, LABELS, LOGITS.astype(np.float16)), rtol=1e-4)
    assert not objective.in_training


def test_a_chord_that_is_certain_and_right_costs_nothing_and_one_that_is_wrong_its_logits():
    values = np.array([[[1.0, 0, 1]]], np.float32)

    (right,), _ = judged(
        Prediction(1.0), values, np.array([[[99.0, -99, 99]]], np.float32), np.ones((1, 1), np.float32)
    )
    (wrong,), _ = judged(
        Prediction(1.0), values, np.array([[[99.0, 99, -99]]], np.float32), np.ones((1, 1), np.float32)
    )
    (blind,), _ = judged(Prediction(1.0), values, np.zeros((1, 1, 3), np.float32), np.ones((1, 1), np.float32))

    assert (right, wrong) == (pytest.approx(0, abs=1e-6), pytest.approx(2 * 99))
    assert blind == pytest.approx(3 * np.log(2))


@pytest.mark.parametrize(("objective", "values", "logits"), OF_STEPS)
def test_what_is_answered_when_a_series_is_over_changes_nothing(objective, values, logits):
    over = WEIGHTS == 0
    other_logits, other_values = logits.copy(), values.copy()
    other_logits[over], other_values[over] = 1e4, 0

    one, other = judged(objective(4.0), values, logits), judged(objective(4.0), other_values, other_logits)

    np.testing.assert_array_equal(one[0], other[0])
    for name in objective.reported:
        np.testing.assert_array_equal(one[1][name], other[1][name])


@pytest.mark.parametrize(("objective", "values", "logits"), OF_STEPS)
def test_what_is_over_has_no_gradient(objective, values, logits):
    answered = tf.Variable(logits)
    truth = {"values": tf.constant(values), "weights": tf.constant(WEIGHTS)}
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(objective(4.0).judge(None, truth, answered).minimised[WHOLE])

    gradient = tape.gradient(total, answered).numpy()

    np.testing.assert_array_equal(gradient[WEIGHTS == 0], 0)
    assert (np.abs(gradient[WEIGHTS == 1]).max(-1) > 0).all()


@pytest.mark.parametrize(("objective", "values", "logits"), OF_STEPS)
def test_half_precision_is_judged_in_float32(objective, values, logits):
    exact, _ = judged(objective(4.0), values, logits)
    half, found = judged(objective(4.0), values, logits.astype(np.float16))

    assert half.dtype == np.float32
    np.testing.assert_allclose(half, exact, rtol=2e-3)
    assert all(value.dtype == np.float32 for value in found.values())


@pytest.mark.parametrize("objective", [Regression(), Labelling(2.0), Prediction(2.0), Forecasting(2.0)])
def test_evaluation_asks_for_the_answers_as_they_are_in_float32(objective):
    answered = tf.constant(LOGITS, tf.float16)

    found = objective.evaluated(None, None, answered)

    assert found.dtype == tf.float32
    np.testing.assert_array_equal(found, LOGITS.astype(np.float16))
    assert objective.inputs("the series", None) == "the series"
    assert not objective.in_training


# In a step of the trainer


def network():
    """A linear answer to each step by itself, whose gradient can be written down."""
    keras.utils.set_random_seed(0)
    series = keras.Input((None, 2))
    return keras.Model(series, keras.layers.Dense(3, use_bias=False)(series))


def trained(tmp_path, values, weights, inputs, mean_steps):
    """The kernel before and after a step of plain gradient descent, and the sums that it reports."""
    made = rig.trainer(network(), tmp_path, optimizer=Sgd(lr=1.0), objective=Labelling(mean_steps))
    made.step.standardize = lambda series: series
    truth = {"values": tf.constant(values), "weights": tf.constant(weights)}
    before = made.trained.get_weights()[0]
    sums = made.step.train((tf.constant(inputs), truth, tf.ones(len(inputs))))
    return before, made.trained.get_weights()[0], sums.numpy()


def test_a_step_follows_the_gradient_of_the_mean_over_all_steps(tmp_path):
    inputs = RNG.normal(size=(2, 6, 2)).astype(np.float32)

    before, after, sums = trained(tmp_path, LABELS, WEIGHTS, inputs, mean_steps=4.0)

    counted = WEIGHTS > 0
    seen, labels = inputs[counted], LABELS[counted]
    logs = log_softmax(seen @ before, -1)
    gradient = seen.T @ (np.exp(logs) - np.eye(3)[labels]) / counted.sum()
    np.testing.assert_allclose(before - after, gradient, rtol=1e-4, atol=1e-6)
    loss, accuracy, examples = sums
    assert loss / examples == pytest.approx(-logs[np.arange(8), labels].mean(), rel=1e-5)
    assert accuracy / examples == pytest.approx((logs.argmax(-1) == labels).mean())


def test_more_padding_moves_the_weights_to_the_same_place(tmp_path):
    inputs = RNG.normal(size=(2, 6, 2)).astype(np.float32)
    longer = [np.pad(array, [(0, 0), (0, 10), *[(0, 0)] * (array.ndim - 2)]) for array in (LABELS, WEIGHTS, inputs)]

    _, one, _ = trained(tmp_path, LABELS, WEIGHTS, inputs, mean_steps=4.0)
    _, other, _ = trained(tmp_path, *longer, mean_steps=4.0)

    np.testing.assert_allclose(one, other, rtol=1e-6)
