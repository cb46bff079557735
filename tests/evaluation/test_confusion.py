"""Counts of which class is taken for which, by hand and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from kcnn.evaluation.confusion import confusion


def test_a_row_is_the_truth_and_a_column_the_answer():
    truth, answers = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 0, 2, 2])
    assert confusion(truth, answers, 3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]


def test_classes_that_never_occur_have_rows_and_columns_of_zeros():
    assert confusion(np.array([1]), np.array([1]), 4).tolist() == np.diag([0, 1, 0, 0]).tolist()


def test_no_examples_are_no_counts():
    nothing = np.array([], np.int64)
    assert confusion(nothing, nothing, 2).tolist() == [[0, 0], [0, 0]]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=60))
def test_it_is_scikit_learn_s_and_counts_every_example_once(pairs):
    truth, answers = np.array(pairs).T
    counts = confusion(truth, answers, 7)
    assert counts.sum() == len(pairs)
    assert np.array_equal(counts, confusion_matrix(truth, answers, labels=range(7)))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int32, np.uint64])
def test_a_hundred_classes_are_counted_right_whatever_the_labels_type(dtype):
    labels = np.arange(100)
    counts = confusion(labels.astype(dtype), labels[::-1].astype(dtype), 100)
    assert np.array_equal(counts, np.eye(100)[::-1])
