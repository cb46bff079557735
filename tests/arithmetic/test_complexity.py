from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnn.arithmetic.complexity import (
    convolution_multiply_adds,
    convolution_parameters,
    dense_multiply_adds,
    dense_parameters,
    depthwise_multiply_adds,
    depthwise_parameters,
)
from kcnn.errors import InputError

few = st.integers(1, 4)
areas = st.tuples(st.integers(1, 3), st.integers(1, 3))


def uses(output, kernel, channels, filters, groups):
    """The (place, weight) of every multiplication, one by one; a filter sees the channels of its group."""
    return [
        ((*place, target), (*tap, source, target))
        for place in product(*map(range, output))
        for tap in product(*map(range, kernel))
        for source, target in product(range(channels), range(filters))
        if source // (channels // groups) == target // (filters // groups)
    ]


@given(areas, areas, few, few, few, st.booleans())
def test_a_convolution_costs_what_counting_one_by_one_gives(output, kernel, channels, filters, groups, bias):
    channels, filters = channels * groups, filters * groups
    used = uses(output, kernel, channels, filters, groups)

    assert convolution_multiply_adds(output, kernel, channels, filters, groups) == len(used)
    weights = len({weight for _, weight in used})
    assert convolution_parameters(kernel, channels, filters, groups, bias) == weights + filters * bias


@given(areas, areas, few, few, st.booleans())
def test_depthwise_is_a_convolution_with_a_group_for_each_channel(output, kernel, channels, multiplier, bias):
    filters = channels * multiplier

    assert depthwise_parameters(kernel, channels, multiplier, bias) == convolution_parameters(
        kernel, channels, filters, channels, bias
    )
    assert depthwise_multiply_adds(output, kernel, channels, multiplier) == convolution_multiply_adds(
        output, kernel, channels, filters, channels
    )


@given(few, few, st.booleans())
def test_dense_is_a_convolution_at_one_place(inputs, units, bias):
    assert dense_parameters(inputs, units, bias) == convolution_parameters((1, 1), inputs, units, bias=bias)
    assert dense_multiply_adds(inputs, units) == convolution_multiply_adds((1, 1), (1, 1), inputs, units)


def test_the_numbers_of_lenet5():
    assert convolution_parameters((5, 5), 1, 6) == 156
    assert convolution_multiply_adds((28, 28), (5, 5), 1, 6) == 117_600
    assert dense_parameters(120, 84) == 10_164


def test_a_dense_layer_between_two_maps_of_320x320_has_ten_billion_weights_and_a_convolution_nine():
    assert dense_parameters(320 * 320, 320 * 320, bias=False) == 10_485_760_000
    assert convolution_parameters((3, 3), 1, 1, bias=False) == 9


@given(areas, areas, few, few)
def test_between_maps_of_one_size_a_convolution_needs_the_kernels_share_of_the_dense_layers_weights(
    size, kernel, channels, filters
):
    """C1 C2 (HW)^2 weights against C1 C2 hw; the multiply-adds are C1 C2 (HW)^2 against C1 C2 HW hw."""
    area = size[0] * size[1]
    inputs, units = channels * area, filters * area

    weights = convolution_parameters(kernel, channels, filters, bias=False)
    assert weights * area**2 == dense_parameters(inputs, units, bias=False) * kernel[0] * kernel[1]
    products = convolution_multiply_adds(size, kernel, channels, filters)
    assert products * area == dense_multiply_adds(inputs, units) * kernel[0] * kernel[1]


def test_groups_that_do_not_divide_are_refused():
    with pytest.raises(InputError, match="groups must divide channels and filters, got 3 for 4 and 6"):
        convolution_parameters((3, 3), 4, 6, groups=3)
