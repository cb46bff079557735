"""Maps as the network computes them, the strongest first."""

import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.explain.feature_maps import feature_maps, strongest
from tests.explain.networks import blob, blob_detector


def test_a_map_holds_what_the_layer_answers():
    maps = feature_maps(blob_detector(), blob(4, 7), "features")
    assert maps.shape == (1, 12, 12, 1)
    assert maps[0, 4, 7, 0] == maps.max() == 9 - 6
    assert maps[0, 4, 9, 0] == 0


def test_the_maps_with_the_largest_activations_come_first():
    maps = np.zeros((1, 2, 2, 4))
    maps[0, 0, 1] = [1, 5, -9, 3]
    assert strongest(maps, 3).tolist() == [1, 3, 0]


def test_equally_strong_maps_keep_their_order():
    assert strongest(np.ones((1, 2, 2, 3)), 2).tolist() == [0, 1]


def test_more_maps_than_there_are_means_all():
    assert sorted(strongest(np.random.default_rng(0).normal(size=(2, 3, 3, 4)), 9)) == [0, 1, 2, 3]


def test_a_count_of_none_is_refused():
    with pytest.raises(InputError, match="count must be at least 1, got 0"):
        strongest(np.ones((1, 2, 2, 3)), 0)
