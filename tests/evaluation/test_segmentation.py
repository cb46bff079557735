"""Scores of answers for every pixel, by hand and against scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, jaccard_score

from kcnn.evaluation.confusion import confusion
from kcnn.evaluation.segmentation import dice, iou, mean, pixel_error

COUNTS = np.array([[6, 2], [1, 3]])


def test_by_hand():
    assert pixel_error(COUNTS) == pytest.approx(3 / 12)
    np.testing.assert_allclose(iou(COUNTS), [6 / 9, 3 / 6])
    np.testing.assert_allclose(dice(COUNTS), [12 / 15, 6 / 9])
    assert mean(iou(COUNTS)) == pytest.approx((6 / 9 + 3 / 6) / 2)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_they_are_scikit_learn_s(pixels):
    truth, answers = np.array(pixels).T
    counts = confusion(truth, answers, 4)
    occurring = np.unique([truth, answers])

    assert pixel_error(counts) == pytest.approx(1 - accuracy_score(truth, answers))
    np.testing.assert_allclose(iou(counts)[occurring], jaccard_score(truth, answers, labels=occurring, average=None))
    np.testing.assert_allclose(dice(counts)[occurring], f1_score(truth, answers, labels=occurring, average=None))
    assert np.isnan(np.delete(iou(counts), occurring)).all()
    assert mean(dice(counts)) == pytest.approx(f1_score(truth, answers, labels=occurring, average="macro"))


def test_a_class_that_is_answered_but_never_occurs_scores_0():
    counts = np.array([[4, 0, 1], [0, 0, 0], [0, 0, 0]])

    np.testing.assert_array_equal(iou(counts), [0.8, np.nan, 0])


def test_of_no_pixels_there_are_no_scores():
    nothing = np.zeros((2, 2), np.int64)

    assert all(math.isnan(score) for score in (pixel_error(nothing), mean(iou(nothing)), mean(dice(nothing))))
