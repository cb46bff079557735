from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnn.arithmetic.sizes import output_size
from kcnn.arithmetic.transposed import transposed_correlation, transposed_output_size
from kcnn.errors import InputError

few = st.integers(1, 4)


def correlation(x, kernel, stride, padding, dilation, groups):
    """Written as the sum that it is, place by place; kernel (*sizes, channels // groups, filters)."""
    axes = x.ndim - 2
    *taps, seen, filters = kernel.shape
    padded = np.pad(x, [(0, 0), *[(p, p) for p in padding], (0, 0)])
    sizes = [
        output_size(size, *rule) for size, *rule in zip(x.shape[1:-1], taps, stride, padding, dilation, strict=True)
    ]
    y = np.zeros((len(x), *sizes, filters))
    for place, tap, target in product(np.ndindex(*sizes), np.ndindex(*taps), range(filters)):
        first = target // (filters // groups) * seen
        source = tuple(stride[a] * place[a] + dilation[a] * tap[a] for a in range(axes))
        values = padded[(slice(None), *source, slice(first, first + seen))]
        y[(slice(None), *place, target)] += values @ kernel[(*tap, slice(None), target)]
    return y


@st.composite
def correlations(draw, axes):
    """Sizes of an input, and a correlation that has an output on it."""
    sizes, taps, strides, dilations = ([draw(few) for _ in range(axes)] for _ in range(4))
    paddings = [draw(st.integers(0, 2)) for _ in range(axes)]
    extents = [d * (k - 1) + 1 for d, k in zip(dilations, taps, strict=True)]
    sizes = [max(n, extent - 2 * p) for n, extent, p in zip(sizes, extents, paddings, strict=True)]
    return sizes, taps, strides, paddings, dilations, draw(st.integers(1, 2))


@given(st.one_of(correlations(1), correlations(2)))
def test_it_is_the_adjoint_of_the_correlation(case):
    sizes, taps, strides, paddings, dilations, groups = case
    rng = np.random.default_rng(0)
    channels, filters = 2 * groups, 3 * groups
    kernel = rng.normal(size=(*taps, channels // groups, filters))
    x = rng.normal(size=(2, *sizes, channels))
    ax = correlation(x, kernel, strides, paddings, dilations, groups)
    y = rng.normal(size=ax.shape)
    # The last places of x that the stride dropped are the output padding.
    dropped = [
        (n + 2 * p - d * (k - 1) - 1) % s
        for n, k, s, p, d in zip(sizes, taps, strides, paddings, dilations, strict=True)
    ]

    back = transposed_correlation(y, kernel, strides, paddings, dropped, dilations, groups)

    assert back.shape == x.shape
    assert (ax * y).sum() == pytest.approx((x * back).sum())


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "output_padding", "expected"),
    [
        (2, 3, 1, 0, 0, 4),  # 4.1: no padding
        (6, 4, 1, 2, 0, 5),  # 4.2: some padding
        (5, 3, 1, 1, 0, 5),  # 4.3: half padding
        (7, 3, 1, 2, 0, 5),  # 4.4: full padding
        (2, 3, 2, 0, 0, 5),  # 4.5: a stride
        (3, 3, 2, 1, 0, 5),  # 4.6: a stride and padding
        (3, 3, 2, 1, 1, 6),  # 4.7: the same, with a place that the stride dropped
    ],
)
def test_the_sizes_of_dumoulin_and_visins_figures(size, kernel, stride, padding, output_padding, expected):
    assert transposed_output_size(size, kernel, stride, padding, output_padding) == expected


@given(few, few, few, st.integers(0, 2), few, st.data())
def test_a_correlation_of_the_output_has_the_size_of_the_input(size, kernel, stride, padding, dilation, data):
    output_padding = data.draw(st.integers(0, stride - 1))
    if (size - 1) * stride + dilation * (kernel - 1) + 1 + output_padding > 2 * padding:
        output = transposed_output_size(size, kernel, stride, padding, output_padding, dilation)

        assert output_size(output, kernel, stride, padding, dilation) == size


@given(few, few, few, few)
def test_same_has_stride_places_for_each_place_and_is_the_adjoint_of_same(size, kernel, stride, dilation):
    rng = np.random.default_rng(0)
    weights, y = rng.normal(size=(kernel, 1, 1)), rng.normal(size=(1, size, 1))
    x = rng.normal(size=(1, size * stride, 1))
    surplus = max(0, dilation * (kernel - 1) + 1 - stride)  # the zeros of same_padding
    padded = np.pad(x, [(0, 0), (surplus // 2, surplus - surplus // 2), (0, 0)])

    back = transposed_correlation(y, weights, stride, "same", 0, dilation)

    assert back.shape == (1, transposed_output_size(size, kernel, stride, "same", 0, dilation), 1) == x.shape
    ax = correlation(padded, weights, [stride], [0], [dilation], 1)[:, :size]
    assert (ax * y).sum() == pytest.approx((x * back).sum())


def test_one_value_paints_its_multiple_of_the_kernel_unflipped():
    kernel = np.arange(1.0, 5).reshape(2, 2, 1, 1)

    painted = transposed_correlation(np.full((1, 1, 1, 1), 10.0), kernel, output_padding=0, dilation=2)

    np.testing.assert_array_equal(painted[0, :, :, 0], [[10, 0, 20], [0, 0, 0], [30, 0, 40]])


def test_padding_may_differ_before_and_after():
    assert transposed_output_size(4, 3, 2, (1, 2)) == 9 - 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 3), "size must be at least 1, got 0"),
        ((4, 0), "kernel must be at least 1, got 0"),
        ((4, 3, 0), "stride must be at least 1, got 0"),
        ((4, 3, 1, -1), "padding must not be negative, got -1"),
        ((4, 3, 1, "full"), "got 'full'"),
        ((1, 3, 1, 2), "a padding of 2 leaves nothing of 3 places"),
        ((4, 3, 2, 0, 2), "below stride or dilation, got 2 for 2 and 1"),
        ((4, 3, 2, 0, -1), "output_padding must be at least 0"),
        ((4, 3, 2, "same", 1), "got 1 with 'same'"),
    ],
)
def test_what_is_no_transposed_window_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        transposed_output_size(*arguments)


def test_channels_that_are_not_the_kernels_are_refused():
    with pytest.raises(InputError, match="the kernel has 4 channels in 2 groups, the input 3"):
        transposed_correlation(np.ones((1, 5, 3)), np.ones((3, 1, 4)), groups=2)
