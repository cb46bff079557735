"""Which of many are taken."""

import pytest

from kcnn.data.taken import middle, spread


@pytest.mark.parametrize(
    ("count", "places"), [(1, [0]), (3, [0, 1, 2]), (4, [0, 1, 2, 3]), (5, [0, 1, 2, 3]), (9, [2, 3, 4, 5])]
)
def test_the_middle_is_all_where_there_are_no_more(count, places):
    assert list(range(count))[middle(count, 4)] == places
    assert middle(count, 4).stop - middle(count, 4).start == len(places)


@pytest.mark.parametrize(("count", "places"), [(1, [0]), (3, [0, 1, 2]), (4, [0, 2, 3]), (9, [0, 4, 8])])
def test_some_are_spread_from_the_first_to_the_last(count, places):
    assert spread(count, 3).tolist() == places
