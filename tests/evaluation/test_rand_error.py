"""Pairs of pixels in the same cell, counted by hand, one by one, and by scikit-image."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import adapted_rand_error

from kcnn.errors import InputError
from kcnn.evaluation.rand_error import RandError, cells, pairs

APART = np.array([[1, 1, 1, 0, 1, 1]] * 2, bool)
"""A cell of 6 pixels and one of 4."""


def counted(*images):
    error = RandError()
    for truth, answer in images:
        error.add(truth, answer)
    return error


def maps(seed, share, size=(9, 11)):
    return np.random.default_rng(seed).random(size) < share


def test_a_perfect_answer_has_no_error():
    assert counted((APART, APART.astype(float))).best == 0


def test_two_cells_merged_are_counted_by_hand():
    merged = np.ones(APART.shape)

    # Ordered pairs: 6 x 5 + 4 x 3 of the truth; all 10 counted pixels lie in one cell of the answer: 10 x 9.
    assert counted((APART, merged)).best == pytest.approx(1 - 2 * 42 / (42 + 90))


def test_a_cell_split_in_two_is_counted_by_hand():
    split = APART.astype(float)
    split[:, 1] = 0

    # Of 6 x 5 + 4 x 3 pairs the answer has 2 x 1 twice, and 4 x 3.
    assert counted((APART, split)).best == pytest.approx(1 - 2 * 16 / (42 + 16))


def test_what_is_answered_on_the_truth_s_membrane_is_not_counted_by_itself():
    narrow = np.array([[1, 1, 0, 0, 0, 1, 1]], bool)
    wide = np.array([[1, 1, 1, 0, 1, 1, 1]], float)

    assert counted((narrow, wide)).best == 0


@given(st.integers(0, 1000), st.floats(0.2, 0.8), st.floats(0.2, 0.8))
def test_the_pairs_are_those_found_one_by_one(seed, of_truth, of_answer):
    truth, answer = (cells(maps(seed + shift, share, (4, 5))) for shift, share in ((0, of_truth), (5000, of_answer)))
    inside = np.argwhere(truth > 0)
    together = [
        (truth[tuple(a)] == truth[tuple(b)], answer[tuple(a)] == answer[tuple(b)] != 0)
        for a, b in permutations(inside, 2)
    ]

    found = pairs(truth, answer)

    assert found.truth == sum(in_truth for in_truth, _ in together)
    assert found.answer == sum(in_answer for _, in_answer in together)
    assert found.both == sum(in_truth and in_answer for in_truth, in_answer in together)


@given(st.integers(0, 1000), st.floats(0.3, 0.8), st.floats(0.3, 0.8))
def test_it_is_scikit_image_s_where_each_membrane_pixel_of_the_answer_is_a_cell(seed, of_truth, of_answer):
    truth, answer = cells(maps(seed, of_truth, (20, 20))), cells(maps(seed + 5000, of_answer, (20, 20)))
    alone = answer == 0
    answer_with_all = answer.copy()
    answer_with_all[alone] = answer.max() + 1 + np.arange(alone.sum())

    assert pairs(truth, answer).error == pytest.approx(adapted_rand_error(truth, answer_with_all)[0])


def test_cells_that_touch_at_a_corner_are_two():
    assert cells(np.eye(2, dtype=bool)).max() == 2


def test_the_threshold_is_the_best_for_all_images_together():
    valley = np.array([[0.9, 0.9, 0.9, 0.4, 0.9, 0.9]] * 2)
    dim = np.where(APART, 0.55, 0.0)

    found = counted((APART, valley), (APART, dim))

    assert (found.best, found.threshold) == (0, 0.4)
    assert found.errors[0.5] == 0
    assert found.errors[0.3] > 0 < found.errors[0.6]


def test_pairs_are_added_up_over_images_and_none_lies_across_two():
    merged, right = np.ones(APART.shape), APART.astype(float)

    assert counted((APART, merged), (APART, right)).best == pytest.approx(1 - 2 * 84 / (84 + 90 + 42))


def test_an_answer_without_cells_is_all_error_and_nothing_to_tell_apart_is_none():
    assert counted((APART, np.zeros(APART.shape))).best == 1
    assert counted((np.zeros((3, 3)), np.ones((3, 3)))).best == 0


def test_an_answer_of_another_size_is_refused():
    with pytest.raises(InputError, match=r"an answer must have its truth's size \(2, 6\), got \(2, 5\)"):
        counted((APART, np.ones((2, 5))))
