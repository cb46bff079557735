import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnn.arithmetic.sizes import output_size
from kcnn.arithmetic.toeplitz import correlation_matrix
from kcnn.arithmetic.transposed import transposed_by_interleaving, transposed_correlation, transposed_output_size
from kcnn.errors import InputError
from tests.arithmetic.cases import by_places, correlations, few, up_to_three


def dropped(case):
    """The last places that the stride dropped, for each axis: the output padding that brings them back."""
    axes = zip(case.sizes, case.taps, case.strides, case.paddings, case.dilations, strict=True)
    return [(n + 2 * p - d * (k - 1) - 1) % s for n, k, s, p, d in axes]


@given(correlations(axes=up_to_three))
def test_it_is_the_adjoint_of_the_correlation(case):
    x, kernel = case.operands()
    ax = by_places(x, kernel, case.strides, case.paddings, case.dilations, case.groups)
    y = np.random.default_rng(1).normal(size=ax.shape)

    back = transposed_correlation(y, kernel, case.strides, case.paddings, dropped(case), case.dilations, case.groups)

    assert back.shape == x.shape
    assert (ax * y).sum() == pytest.approx((x * back).sum())


@given(correlations(axes=up_to_three, groups=st.just(1)))
def test_it_is_the_product_with_the_transposed_matrix(case):
    x, kernel = case.operands(count=1)
    matrix = correlation_matrix(kernel, case.sizes, *case.rules)
    y = by_places(x, kernel, case.strides, case.paddings, case.dilations, 1)

    back = transposed_correlation(y, kernel, case.strides, case.paddings, dropped(case), case.dilations)

    np.testing.assert_allclose(back.ravel(), matrix.T @ y.ravel(), atol=1e-9)


@given(correlations(axes=up_to_three, padding=st.one_of(st.integers(0, 2), st.just("same"))), st.data())
def test_zeros_between_the_places_and_the_flipped_kernel_give_the_same(case, data):
    rng = np.random.default_rng(0)
    y = rng.normal(size=(2, *case.sizes, 3 * case.groups))
    kernel = rng.normal(size=(*case.taps, 2, 3 * case.groups))
    extra = [
        0 if p == "same" else data.draw(st.integers(0, s - 1)) for p, s in zip(case.paddings, case.strides, strict=True)
    ]
    rules = case.strides, case.paddings, extra, case.dilations, case.groups
    try:
        expected = transposed_correlation(y, kernel, *rules)
    except InputError:
        with pytest.raises(InputError, match="leaves nothing"):
            transposed_by_interleaving(y, kernel, *rules)
        return

    np.testing.assert_allclose(transposed_by_interleaving(y, kernel, *rules), expected, atol=1e-12)


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
    ax = by_places(padded, weights, [stride], [0], [dilation], 1)[:, :size]
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


@pytest.mark.parametrize("transpose", [transposed_correlation, transposed_by_interleaving])
def test_lists_are_arrays(transpose):
    np.testing.assert_array_equal(transpose([[[1], [2]]], [[[3]], [[4]]])[0, :, 0], [3, 10, 8])
