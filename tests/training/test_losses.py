"""Losses against their formulas in NumPy."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax, logsumexp

from kcnn.training.losses import cross_entropy

LOGITS = np.random.default_rng(0).normal(scale=3, size=(6, 4)).astype("float32")
LABELS = np.array([0, 1, 2, 3, 0, 1])
RIGHT = LOGITS[np.arange(6), LABELS]


def measured(loss, logits=LOGITS):
    return loss(tf.constant(LABELS), tf.constant(logits)).numpy()


def test_cross_entropy_is_minus_the_log_of_the_right_class():
    np.testing.assert_allclose(measured(cross_entropy()), logsumexp(LOGITS, axis=-1) - RIGHT, rtol=1e-5)


def test_smoothing_spreads_its_part_of_the_target_over_all_classes():
    target = np.eye(4)[LABELS] * 0.9 + 0.1 / 4
    expected = -(target * log_softmax(LOGITS, axis=-1)).sum(axis=-1)
    np.testing.assert_allclose(measured(cross_entropy(0.1)), expected, rtol=1e-5)


@pytest.mark.parametrize("j", [0.5, 15.0])
def test_rubbish_is_equation_9_of_lecun_1998(j):
    distances = -LOGITS
    expected = distances[np.arange(6), LABELS] + np.log(np.exp(-j) + np.exp(-distances).sum(axis=-1))
    np.testing.assert_allclose(measured(cross_entropy(rubbish=j)), expected, rtol=1e-5, atol=1e-5)


def test_rubbish_asks_that_the_right_class_be_near_not_only_nearest():
    far = np.array([[-50.0, -90.0], [-5.0, -45.0]], "float32")
    plain, with_rubbish = (
        loss(tf.constant([0, 0]), tf.constant(far)).numpy() for loss in (cross_entropy(), cross_entropy(rubbish=15.0))
    )
    np.testing.assert_allclose(plain, 0, atol=1e-6)
    assert with_rubbish[0] == pytest.approx(35, abs=1e-4)
    assert with_rubbish[1] < 1e-4
