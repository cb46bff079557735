"""The best that can be answered without a look at the input, by hand."""

import numpy as np
import pytest
from scipy.special import expit, log_softmax

from kcnn.evaluation import blind

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("labels", "loss"),
    [
        ([0, 1, 2, 3], np.log(4)),
        ([7, 7, 7], 0.0),
        ([0, 0, 0, 1], -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))),
    ],
)
def test_of_classes_it_is_the_entropy_of_their_shares(labels, loss):
    assert blind.classes(np.array(labels)) == pytest.approx(loss)


def test_no_other_constant_answer_names_classes_better():
    labels = RNG.integers(0, 3, 50) ** 2 // 2
    others = [-log_softmax(logits)[labels].mean() for logits in RNG.normal(size=(200, 3))]

    assert blind.classes(labels) < min(others)


def test_of_numbers_it_is_the_squared_error_of_their_mean():
    truths = np.array([[1.0, 10], [3, 10], [5, 40]], np.float32)

    # The errors of 3 are 4, 0, 4; those of 20 are 100, 100, 400.
    assert blind.numbers(truths) == pytest.approx((8 / 3 + 200) / 2)


def test_large_numbers_that_hardly_vary_are_not_lost_in_rounding():
    truths = (1e6 + np.array([[0.0], [1.0], [2.0], [3.0]])).astype(np.float32)

    assert blind.numbers(truths) == pytest.approx(1.25)


def test_of_steps_that_follow_it_knows_the_medians():
    truths = np.array([[[0.0, 5], [1, 5]], [[7, 5], [1, 11]]])

    assert blind.medians(truths) == pytest.approx(((1 + 0 + 6 + 0) / 4 + 6 / 4) / 2)


def test_of_labelled_steps_of_one_length_it_knows_their_place():
    truths = np.array([[0, 1, 1], [0, 2, 1], [0, 1, 1], [0, 2, 1]])

    assert blind.labelled_steps(truths) == pytest.approx(np.log(2) / 3)


def test_of_labelled_steps_of_several_lengths_it_knows_their_shares():
    truths = [np.array([0, 0, 0]), np.array([1])]

    assert blind.labelled_steps(truths) == pytest.approx(blind.classes(np.array([0, 0, 0, 1])))


def test_of_0s_and_1s_it_is_minus_the_likelihood_of_a_step_by_each_channel_s_share():
    truths = [np.array([[1, 0, 1], [1, 0, 0]]), np.array([[1, 0, 0], [1, 0, 0]])]

    assert blind.binary_steps(truths) == pytest.approx(-(0.25 * np.log(0.25) + 0.75 * np.log(0.75)))


def test_no_other_constant_answer_predicts_steps_better():
    truths = [RNG.integers(0, 2, (steps, 2)) * [1, steps % 2] for steps in (5, 6, 9)]
    steps = np.concatenate(truths)
    shares = expit(RNG.normal(size=(200, 1, 2)))
    others = -(np.log(shares) * steps + np.log(1 - shares) * (1 - steps)).sum(-1).mean(-1)

    assert blind.binary_steps(truths) < others.min()
