import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnn.arithmetic.sizes import output_size, same_padding, window_extent
from kcnn.errors import InputError

counts = st.integers(1, 7)
sizes = st.integers(1, 40)


def places(size, kernel, stride, before, after, dilation):
    """Slide the window tap by tap, and count the places where every tap is on the padded input."""
    padded = before + size + after
    starts = range(0, padded, stride)
    return sum(all(start + tap * dilation < padded for tap in range(kernel)) for start in starts)


@given(sizes, counts, counts, st.integers(0, 5), st.integers(0, 5), counts)
def test_the_output_has_as_many_places_as_the_window_fits_at(size, kernel, stride, before, after, dilation):
    expected = places(size, kernel, stride, before, after, dilation)

    if expected:
        assert output_size(size, kernel, stride, (before, after), dilation) == expected
    else:
        with pytest.raises(InputError, match="does not fit"):
            output_size(size, kernel, stride, (before, after), dilation)


@given(sizes, counts, counts, counts)
def test_same_has_a_place_for_every_stride_begun(size, kernel, stride, dilation):
    assert output_size(size, kernel, stride, "same", dilation) == len(range(0, size, stride))


@given(sizes, counts, counts, counts)
def test_same_pads_as_little_as_will_do_and_the_odd_zero_behind(size, kernel, stride, dilation):
    before, after = same_padding(size, kernel, stride, dilation)
    wanted = len(range(0, size, stride))

    assert after - before in (0, 1)
    if before + after:
        assert places(size, kernel, stride, before, after - 1, dilation) < wanted


@given(sizes, counts, counts)
def test_valid_is_no_padding_and_a_number_is_for_both_sides(size, kernel, padding):
    if kernel <= size:
        assert output_size(size, kernel) == output_size(size, kernel, padding=0) == size - kernel + 1
    assert output_size(40, kernel, padding=padding) == output_size(40, kernel, padding=(padding, padding))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [((224, 7, 2, 3), 112), ((32, 5), 28), ((28, 2, 2), 14), ((227, 11, 4), 55), ((32, 3, 2, 1), 16)],
)
def test_the_sizes_of_well_known_layers(arguments, expected):
    assert output_size(*arguments) == expected


def test_a_dilated_window_spans_the_places_between_its_taps():
    assert window_extent(3, dilation=4) == 9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 3), "size must be at least 1, got 0"),
        ((9, 3, 0), "stride must be at least 1, got 0"),
        ((9, 3, 1, "full"), "got 'full'"),
        ((9, 3, 1, -1), "must not be negative"),
    ],
)
def test_what_is_no_window_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        output_size(*arguments)
