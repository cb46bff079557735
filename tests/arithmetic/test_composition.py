import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnn.arithmetic.composition import effective_kernel
from kcnn.arithmetic.correlation import convolve, correlate
from kcnn.arithmetic.receptive_field import stack_field
from kcnn.errors import InputError

small = st.integers(1, 3)


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@st.composite
def stacks(draw):
    """Kernels with equally many axes, with strides and dilations for each axis."""
    axes, depth = draw(small), draw(small)
    each = st.lists(small, min_size=axes, max_size=axes)
    kernels = [drawn(*draw(each), seed=layer) for layer in range(depth)]
    return kernels, [draw(each) for _ in kernels], [draw(each) for _ in kernels]


@given(stacks())
def test_the_stack_is_one_correlation_with_the_product_of_the_strides(stack):
    whole = effective_kernel(*stack)
    total = np.prod(stack[1], axis=0)
    x = drawn(*(np.array(whole.shape) + total), seed=9)

    y = x
    for kernel, stride, dilation in zip(*stack, strict=True):
        y = correlate(y, kernel, 0, stride, dilation)

    np.testing.assert_allclose(correlate(x, whole, 0, total), y, atol=1e-10)


@given(stacks())
def test_it_is_as_large_as_the_receptive_field(stack):
    kernels, strides, dilations = stack
    fields = [
        stack_field(
            (kernel.shape[axis], s[axis], d[axis]) for kernel, s, d in zip(kernels, strides, dilations, strict=True)
        )
        for axis in range(kernels[0].ndim)
    ]

    assert effective_kernel(*stack).shape == tuple(field.size for field in fields)


def test_without_strides_it_is_the_convolution_of_the_kernels():
    first, second, third = drawn(3, 3), drawn(2, 3, seed=1), drawn(3, 1, seed=2)

    np.testing.assert_allclose(effective_kernel([first, second, third]), convolve(third, convolve(second, first)))


def test_three_of_3x3_are_one_of_7x7():
    assert effective_kernel([np.ones((3, 3))] * 3).shape == (7, 7)


def test_one_kernel_stays_as_it_is():
    np.testing.assert_array_equal(effective_kernel([[[1, 2], [3, 4]]]), [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "there must be a kernel"),
        (([np.ones(2)], [1, 1]), "got 1 kernels, 2 strides and 1 dilations"),
        (([np.ones(2), np.ones((2, 2))],), "equally many axes, got 1 and 2"),
        (([np.ones(2)], [(1, 1)]), "stride is a whole number, or one for each axis"),
        (([np.ones(2)], [1], [0]), "dilation must be at least 1, got 0"),
        (([np.ones(2)], [0]), "stride must be at least 1, got 0"),
        (([np.ones(2)], 1.5), "stride is a whole number, or one for each axis .* got 1.5"),
    ],
)
def test_what_is_no_stack_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        effective_kernel(*arguments)


@pytest.mark.parametrize("number", [int, np.int64])
def test_a_number_stands_for_all_layers(number):
    kernels = [np.arange(1.0, 4), np.arange(2.0, 5)]

    np.testing.assert_array_equal(
        effective_kernel(kernels, number(2), number(3)), effective_kernel(kernels, [2, 2], [3, 3])
    )
