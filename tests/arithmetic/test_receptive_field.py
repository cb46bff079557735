import pytest

from kcnn.arithmetic.receptive_field import WHOLE, Field, widest


@pytest.mark.parametrize("count", range(1, 6))
def test_a_stack_of_3x3_windows_sees_two_pixels_more_for_each(count):
    field = Field()
    for _ in range(count):
        field = field.through(3)

    assert field == Field(2 * count + 1, 1)


def test_strides_multiply_what_comes_after_them():
    assert Field().through(7, 2).through(3, 2).through(3) == Field(7 + 2 * 2 + 2 * 4, 4)


def test_dilation_widens_the_window():
    """Yu and Koltun 2016, table 1: dilations 1, 1, 2, 4, 8, 16, 1."""
    field, sizes = Field(), []
    for dilation in (1, 1, 2, 4, 8, 16, 1):
        field = field.through(3, dilation=dilation)
        sizes.append(field.size)

    assert sizes == [3, 5, 9, 17, 33, 65, 67]


def test_what_sees_the_whole_image_goes_on_seeing_it():
    assert WHOLE.through(3, 2) == Field(None, 2)


def test_where_branches_meet_the_widest_counts():
    assert widest([Field(3, 2), Field(7, 2)]) == Field(7, 2)
    assert widest([Field(3, 2), Field(None, 2)]).size is None
