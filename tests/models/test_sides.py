import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnn.models import CATALOG
from kcnn.models.sides import Sides

KINDS = [Sides(32, 32), Sides(188, 16, 12), Sides(8, doubled=True), Sides(7)]


@pytest.mark.parametrize(
    ("sides", "held"),
    [
        (KINDS[0], [32, 64, 96, 128]),
        (KINDS[1], [188, 204, 220, 236]),
        (KINDS[2], [8, 16, 32, 64, 128, 256]),
        (KINDS[3], list(range(7, 300))),
    ],
)
def test_the_sides_are_those_said(sides, held):
    found = [side for side in range(1, 300) if sides.hold(side)]

    assert found[: len(held)] == held
    assert found[0] == sides.smallest


@given(st.sampled_from(KINDS), st.integers(1, 400))
def test_the_nearest_is_held_and_none_is_nearer(sides, side):
    nearest = sides.nearest(side)

    assert sides.hold(nearest)
    assert not any(sides.hold(other) for other in range(max(1, side - 200), side + 400) if closer(other, nearest, side))


def closer(other, nearest, side):
    return abs(other - side) < abs(nearest - side)


def test_they_are_said_in_words():
    assert [str(sides) for sides in KINDS[:3]] == [
        "multiples of 32",
        "multiples of 16 plus 12",
        "8 times a power of 2",
    ]


@pytest.mark.parametrize("row", [row for row in CATALOG.values() if row.allowed], ids=lambda row: row.name)
def test_the_catalogue_s_sizes_obey_them(row):
    default = next(iter(row.allowed.values()))

    assert row.smallest == (default.smallest, default.smallest)
    assert all(default.hold(side) for side in row.input_shape[:2])
    assert all(sides.smallest % sides.multiple == sides.remainder for sides in row.allowed.values())
