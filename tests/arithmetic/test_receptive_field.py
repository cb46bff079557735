import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kcnn.arithmetic.correlation import correlate, correlation
from kcnn.arithmetic.receptive_field import NOWHERE, WHOLE, Field, stack_field, widest
from kcnn.arithmetic.transposed import transposed_correlation
from kcnn.errors import InputError


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


def test_what_sees_nothing_goes_on_seeing_nothing():
    assert NOWHERE.through(3).size == NOWHERE.enlarged(4, 2).size == 0
    assert WHOLE.enlarged(4, 2).size is None


def test_an_enlargement_brings_neighbours_nearer():
    below = Field(10, 8)

    assert below.enlarged(2, 2).stride == 4
    assert below.enlarged(2, 2).size == 10  # each place is made of one
    assert below.enlarged(4, 2).size == 18  # of two
    assert below.enlarged(2, 2).through(2).size == 18  # where a window lies across two
    assert below.enlarged(3, 3).stride * 3 == 8


def test_where_branches_meet_the_widest_counts():
    assert widest([Field(3, 2), Field(7, 2)]) == Field(7, 2)
    assert widest([Field(3, 2), Field(None, 2)]).size is None


small = st.integers(1, 3)


@given(st.lists(st.tuples(st.integers(1, 4), small, small), min_size=1, max_size=4))
def test_the_field_of_a_stack_is_what_changes_its_output(windows):
    field = stack_field(windows)
    inputs = field.size + field.stride  # two places

    def output(x):
        for kernel, stride, dilation in windows:
            x = correlate(x, np.ones(kernel), 0, stride, dilation)
        return x

    rest = output(np.zeros(inputs))
    changed = np.array([output(pixel) != rest for pixel in np.eye(inputs)])

    assert rest.shape == (2,)
    for place in range(2):
        seen = np.flatnonzero(changed[:, place])
        assert seen[0] == place * field.stride
        assert seen[-1] - seen[0] + 1 == field.size


@given(
    st.lists(st.tuples(st.integers(1, 4), small, small), max_size=2),
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(1, 4)), min_size=1, max_size=3),
)
@example(windows=[(1, 2, 1), (1, 3, 1)], enlargements=[(0, 1, 3), (2, 1, 4)])
def test_behind_enlargements_the_field_is_that_of_the_place_that_sees_most(windows, enlargements):
    """Each enlargement has a kernel no shorter than its stride, and a window after it."""
    field = stack_field(windows)
    for more, stride, window in enlargements:
        field = field.enlarged(stride + more, stride).through(window)
    x = np.eye(40 + 2 * field.size)[..., None]  # a pixel an example, and room for the widest place
    for kernel, stride, dilation in windows:
        x = correlation(x, np.ones((kernel, 1, 1)), stride=stride, dilation=dilation)
    for more, stride, window in enlargements:
        x = transposed_correlation(x, np.ones((stride + more, 1, 1)), stride)
        x = correlation(x, np.ones((window, 1, 1)))
    seen = [np.flatnonzero(changed) for changed in (x[..., 0] != 0).T]

    assert max(pixels[-1] - pixels[0] + 1 for pixels in seen) == field.size


def test_a_stack_may_leave_out_dilations():
    assert stack_field([(7, 2), (3, 2), (3, 1, 2)]) == Field(7 + 2 * 2 + 4 * 4, 4)
    assert stack_field([]) == Field()


@pytest.mark.parametrize("window", [(3,), (3, 1, 1, 1), (0, 1), (3, 0), (3, 1, 0)])
def test_what_is_no_window_is_refused(window):
    with pytest.raises(InputError, match="a window is"):
        stack_field([(3, 1), window])
