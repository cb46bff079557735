"""Accuracy and cross-entropy, by hand and against scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from kcnn.evaluation.accuracy import accuracy, cross_entropy

LOGITS = np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 4.0], [9.0, 7.0, 8.0], [1.0, 2.0, 3.0]], np.float32)
LABELS = np.array([0, 2, 1, 2])  # the best, the second, the third, the best


@pytest.fixture
def many():
    """1,000 answers over 20 classes, with their probabilities."""
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, (1000, 20)).astype(np.float32)
    exponentials = np.exp(logits.astype(np.float64))
    return logits, random.integers(0, 20, 1000), exponentials / exponentials.sum(-1, keepdims=True)


def test_accuracy_is_the_share_of_rows_whose_best_class_is_right():
    assert accuracy(LOGITS, LABELS) == 0.5


def test_accuracy_is_scikit_learn_s(many):
    logits, labels, probabilities = many
    assert accuracy(logits, labels) == pytest.approx(accuracy_score(labels, probabilities.argmax(-1)))


def test_cross_entropy_of_equal_logits_is_the_logarithm_of_the_classes():
    assert cross_entropy(np.zeros((4, 3), np.float32), LABELS) == pytest.approx(math.log(3))


def test_cross_entropy_is_the_mean_of_what_the_label_s_probability_lacks():
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]))
    assert cross_entropy(logits, np.array([0, 1])) == pytest.approx((math.log(2) + math.log(10)) / 2)


def test_cross_entropy_is_scikit_learn_s(many):
    logits, labels, probabilities = many
    assert cross_entropy(logits, labels) == pytest.approx(log_loss(labels, probabilities, labels=np.arange(20)))


def test_cross_entropy_of_logits_beyond_exp_is_finite():
    assert cross_entropy(np.array([[2000.0, -2000.0]], np.float32), np.array([1])) == pytest.approx(4000.0)


def test_half_precision_logits_lose_nothing_in_the_sum():
    logits = np.tile(np.array([[0.0, 1.0]], np.float16), (100_000, 1))
    assert cross_entropy(logits, np.ones(100_000, np.int64)) == pytest.approx(math.log1p(math.exp(-1)), rel=1e-9)
