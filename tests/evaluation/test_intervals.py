import json

import numpy as np
import pytest

from kcnn.evaluation.intervals import Intervals, conformal

RNG = np.random.default_rng(0)


def test_the_radius_is_the_distance_of_the_rank_that_split_conformal_says():
    distances = RNG.permutation(np.arange(1, 20) * np.tile([1, -1], 10)[:19])[:, np.newaxis, np.newaxis]

    found = conformal(distances)

    # Of 19: the ceil(20 * 0.8) = 16th and the ceil(20 * 0.95) = 19th.
    np.testing.assert_array_equal(found.radii[:, 0, 0], [16, 19])


def test_where_there_are_too_few_distances_there_is_no_interval():
    found = conformal(np.arange(18.0).reshape(18, 1, 1))

    np.testing.assert_array_equal(found.radii[:, 0, 0], [15, np.nan])


def test_distances_that_are_not_known_are_left_out_of_their_step_alone():
    distances = np.stack([np.arange(1.0, 10), np.r_[np.arange(1.0, 5), [np.nan] * 5]], 1)[..., np.newaxis]

    found = conformal(distances, (0.5,))

    np.testing.assert_array_equal(found.radii[0, :, 0], [5, 3])
    assert found.steps == 2


def test_series_and_steps_have_intervals_of_their_own():
    distances = RNG.normal(size=(99, 2, 3)) * [1, 10, 100]
    distances[:, 1] *= 5

    found = conformal(distances, (0.8,))

    expected = np.sort(np.abs(distances), axis=0)[79]
    np.testing.assert_allclose(found.radii[0], expected)


def test_intervals_hold_what_they_are_to_hold_of_exchangeable_distances():
    held = [conformal(RNG.standard_t(3, (200, 1, 1))).held(RNG.standard_t(3, (200, 1, 1)))[:, 0, 0] for _ in range(200)]

    np.testing.assert_allclose(np.mean(held, 0), [0.8, 0.95], atol=0.01)


def test_the_share_that_is_held_counts_what_is_known():
    intervals = Intervals((0.8,), np.array([[[2.0, np.nan], [1.0, 1.0]]]))
    distances = np.array([[[1.0, 1.0], [np.nan, np.inf]], [[-2.0, 1.0], [3.0, 0.0]], [[2.1, 1.0], [-1.0, np.nan]]])

    held = intervals.held(distances)

    np.testing.assert_allclose(held, [[[2 / 3, np.nan], [1 / 2, 1 / 2]]])


def test_they_survive_json_with_nothing_where_none_is_known():
    found = conformal(np.arange(18.0).reshape(18, 1, 1))

    plain = json.dumps(found.to_json(), allow_nan=False)

    again = Intervals.from_json(json.loads(plain))
    assert again.coverages == found.coverages == (0.8, 0.95)
    np.testing.assert_array_equal(again.radii, found.radii)


@pytest.mark.parametrize("radius", [0.0, 2.0])
def test_a_distance_at_the_end_of_an_interval_is_held(radius):
    held = Intervals((0.8,), np.full((1, 1, 1), radius)).held(np.full((4, 1, 1), -radius))

    np.testing.assert_array_equal(held, 1.0)
