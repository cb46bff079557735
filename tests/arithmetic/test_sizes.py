import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnn.arithmetic.sizes import output_size, same_padding, window_extent, zeros_around
from kcnn.arithmetic.transposed import transposed_output_size
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


@given(sizes, counts, counts, st.integers(0, 5), counts)
def test_the_relationships_of_dumoulin_and_visin(i, k, s, p, d):
    """Numbered as in *A guide to convolution arithmetic*, chapters 2, 3 and 5; those of chapter 4 are below."""
    i = max(i, d * (k - 1) + 1)

    assert output_size(i, k) == (i - k) + 1  # 1: no zeros, unit strides
    assert output_size(i, k, padding=p) == (i - k) + 2 * p + 1  # 2: zeros, unit strides
    if k % 2:
        assert output_size(i, k, padding=k // 2) == output_size(i, k, padding="same") == i  # 3: half padding
    assert output_size(i, k, padding=k - 1) == output_size(i, k, padding="full") == i + (k - 1)  # 4: full padding
    assert output_size(i, k, s) == (i - k) // s + 1  # 5: no zeros, strides; 7: pooling
    assert output_size(i, k, s, p) == (i + 2 * p - k) // s + 1  # 6: zeros, strides
    assert output_size(i, k, s, p, d) == (i + 2 * p - k - (k - 1) * (d - 1)) // s + 1  # 15: dilated


@given(counts, counts, counts, st.integers(0, 5), st.data())
def test_the_relationships_of_dumoulin_and_visin_for_transposed_convolution(i, k, s, p, data):
    """i is the size of its input: the guide's i'."""
    i += 2 * p  # so that something is left
    a = data.draw(st.integers(0, s - 1))

    assert transposed_output_size(i, k) == i + (k - 1)  # 8: no zeros, unit strides
    assert transposed_output_size(i, k, padding=p) == i + (k - 1) - 2 * p  # 9: zeros, unit strides
    if k % 2:
        assert transposed_output_size(i, k, padding=k // 2) == i  # 10: half padding
    if i > k - 1:
        assert transposed_output_size(i, k, padding=k - 1) == i - (k - 1)  # 11: full padding
    assert transposed_output_size(i, k, s) == s * (i - 1) + k  # 12: no zeros, strides
    assert transposed_output_size(i, k, s, p) == s * (i - 1) + k - 2 * p  # 13: zeros, strides, no place dropped
    assert transposed_output_size(i, k, s, p, a) == s * (i - 1) + a + k - 2 * p  # 14: zeros, strides, a dropped


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((4, 3), 2),  # 2.1: no padding
        ((5, 4, 1, 2), 6),  # 2.2: some padding
        ((5, 3, 1, "same"), 5),  # 2.3: half padding
        ((5, 3, 1, "full"), 7),  # 2.4: full padding
        ((5, 3, 2), 2),  # 2.5: a stride
        ((5, 3, 2, 1), 3),  # 2.6: a stride and padding
        ((6, 3, 2, 1), 3),  # 2.7: the same output for one place more
        ((5, 3), 3),  # 3.1: pooling
        ((7, 3, 1, 0, 2), 3),  # 5.1: dilated
    ],
)
def test_the_sizes_of_dumoulin_and_visins_figures(arguments, expected):
    assert output_size(*arguments) == expected


@given(sizes, counts, counts, counts)
def test_full_lets_the_window_meet_the_input_in_one_place_at_least(size, kernel, stride, dilation):
    beyond = dilation * (kernel - 1)

    assert zeros_around(size, kernel, stride, "full", dilation) == (beyond, beyond)
    assert output_size(size, kernel, stride, "full", dilation) == places(size, kernel, stride, beyond, beyond, dilation)


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
        ((9, 3, 1, "most"), "got 'most'"),
        ((9, 3, 1, -1), "must not be negative"),
    ],
)
def test_what_is_no_window_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        output_size(*arguments)
