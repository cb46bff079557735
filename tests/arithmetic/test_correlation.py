import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from scipy import ndimage, signal

from kcnn.arithmetic import correlation as module
from kcnn.arithmetic.correlation import convolve, correlate, correlation
from kcnn.arithmetic.transposed import transposed_correlation
from kcnn.errors import InputError
from tests.arithmetic.cases import any_padding, by_places, correlations, few, up_to_three

shapes = array_shapes(max_dims=3, max_side=5)


seeds = st.integers(0, 2**32 - 1)


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def test_the_lectures_example():
    np.testing.assert_array_equal(correlate(np.arange(9).reshape(3, 3), [[0, 1], [2, 3]]), [[19, 25], [37, 43]])


def test_the_examples_in_the_documentation():
    found = doctest.testmod(module, extraglobs={"np": np})

    assert (found.attempted, found.failed) == (1, 0)


@given(correlations(axes=up_to_three))
def test_correlation_is_its_sum_place_by_place(case):
    x, kernel = case.operands()

    y = correlation(x, kernel, *case.rules, case.groups)

    np.testing.assert_allclose(
        y, by_places(x, kernel, case.strides, case.paddings, case.dilations, case.groups), atol=1e-12
    )


@given(correlations(axes=up_to_three, padding=any_padding), st.sampled_from(["zeros", "edge", "wrap"]))
def test_a_plain_array_is_a_batch_of_one_with_one_channel(case, mode):
    x, kernel = drawn(*case.sizes), drawn(*case.taps)

    y = correlate(x, kernel, *case.rules, mode=mode)

    batch = correlation(x[None, ..., None], kernel[..., None, None], *case.rules, mode=mode)
    np.testing.assert_allclose(y, batch[0, ..., 0], atol=1e-12)


@given(shapes, st.data())
def test_convolution_equals_scipys_also_for_even_kernels(shape, data):
    taps = data.draw(array_shapes(min_dims=len(shape), max_dims=len(shape), max_side=5))
    x, kernel = drawn(*shape), drawn(*taps, seed=1)
    fits = all(tap <= size for tap, size in zip(taps, shape, strict=True))

    for mode in ("full", "same", *(["valid"] if fits else [])):
        expected = signal.convolve(x, kernel, mode, "direct")
        np.testing.assert_allclose(convolve(x, kernel, mode), expected, atol=1e-12)


@given(st.integers(1, 3), st.data())
def test_correlation_equals_scipys_for_odd_kernels(axes, data):
    taps = [data.draw(st.sampled_from([1, 3, 5])) for _ in range(axes)]
    x, kernel = drawn(*[5] * axes), drawn(*taps, seed=1)

    for mode in "full", "same", "valid":
        expected = signal.correlate(x, kernel, mode, "direct")
        np.testing.assert_allclose(correlate(x, kernel, mode), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("mode", "scipys"),
    [("zeros", "constant"), ("edge", "nearest"), ("reflect", "mirror"), ("symmetric", "reflect"), ("wrap", "wrap")],
)
@pytest.mark.parametrize("taps", [(3,), (5, 3), (3, 1, 5)])
def test_what_is_outside_is_what_scipys_modes_say(mode, scipys, taps):
    x, kernel = drawn(*[6] * len(taps)), drawn(*taps, seed=1)

    y = correlate(x, kernel, "same", mode=mode)

    np.testing.assert_allclose(y, ndimage.correlate(x, kernel, mode=scipys), atol=1e-12)


@given(correlations(axes=up_to_three, padding=any_padding))
def test_a_stride_keeps_every_so_many_places(case):
    x, kernel = drawn(*case.sizes), drawn(*case.taps)
    # The zeros of "same" depend on the stride: they are given as numbers.
    zeros = module.windows_over(case.sizes, case.taps, *case.rules).zeros

    y = correlate(x, kernel, zeros, case.strides, case.dilations)

    every = correlate(x, kernel, zeros, 1, case.dilations)
    np.testing.assert_array_equal(y, every[tuple(slice(None, None, s) for s in case.strides)])


@given(correlations(axes=up_to_three))
def test_dilation_is_a_kernel_with_zeros_between_its_taps(case):
    x, kernel = drawn(*case.sizes), drawn(*case.taps)
    holes = np.zeros([d * (k - 1) + 1 for d, k in zip(case.dilations, case.taps, strict=True)])
    holes[tuple(slice(None, None, d) for d in case.dilations)] = kernel

    y = correlate(x, kernel, *case.rules)

    np.testing.assert_allclose(y, correlate(x, holes, case.paddings, case.strides), atol=1e-12)


def test_two_numbers_on_two_axes_are_one_for_each_and_elsewhere_before_and_after():
    one, line, square, cube = np.ones, drawn(5), drawn(5, 5), drawn(5, 5, 5)

    np.testing.assert_array_equal(correlate(line, one(1), (1, 2)), np.pad(line, (1, 2)))
    np.testing.assert_array_equal(correlate(square, one((1, 1)), (1, 2)), np.pad(square, ((1, 1), (2, 2))))
    np.testing.assert_array_equal(correlate(square, one((1, 1)), ((1, 2),) * 2), np.pad(square, (1, 2)))
    np.testing.assert_array_equal(correlate(cube, one((1, 1, 1)), (1, 2)), np.pad(cube, (1, 2)))


def test_each_axis_may_have_a_rule_of_its_own_also_in_arrays():
    x, kernel = drawn(6, 7), drawn(3, 2)
    expected = correlate(np.pad(x, ((2, 2), (0, 3))), kernel, 0, (1, 2), (2, 1))

    for padding in ("same", (0, 3)), np.array([[2, 2], [0, 3]]):
        np.testing.assert_array_equal(correlate(x, kernel, padding, np.array([1, 2]), (2, 1)), expected)


@given(correlations(padding=any_padding), st.floats(-3, 3), st.floats(-3, 3))
def test_it_is_linear_in_the_input_and_in_the_kernel(case, a, b):
    x, kernel = case.operands()
    other_x, other_kernel = drawn(*x.shape, seed=1), drawn(*kernel.shape, seed=2)

    def apply(x, kernel):
        return correlation(x, kernel, *case.rules, case.groups)

    y = apply(x, kernel)
    np.testing.assert_allclose(apply(a * x + b * other_x, kernel), a * y + b * apply(other_x, kernel), atol=1e-9)
    np.testing.assert_allclose(apply(x, a * kernel + b * other_kernel), a * y + b * apply(x, other_kernel), atol=1e-9)


@given(st.integers(1, 3), few, few, st.integers(-5, 5), seeds)
def test_what_moves_in_the_input_moves_in_the_output(axes, tap, stride, steps, seed):
    x, kernel = drawn(*[4 * stride] * axes, seed=seed), drawn(*[tap] * axes)
    every = tuple(range(axes))

    # As many places as fit round: one for each stride.
    after = [(0, max(0, tap - stride))] * axes

    def apply(x):
        return correlate(x, kernel, after, stride, mode="wrap")

    moved = apply(np.roll(x, stride * steps, every))

    np.testing.assert_allclose(moved, np.roll(apply(x), steps, every), atol=1e-12)


@given(shapes, st.data())
def test_convolution_commutes(shape, data):
    x = drawn(*shape)
    kernel = drawn(*data.draw(array_shapes(min_dims=len(shape), max_dims=len(shape), max_side=5)), seed=1)

    np.testing.assert_allclose(convolve(x, kernel), convolve(kernel, x), atol=1e-12)


def test_small_integers_do_not_overflow():
    x = np.full((3, 3), 255, np.uint8)

    assert correlate(x, x).item() == 9 * 255**2
    assert correlation(x[None, :, :, None], x[:, :, None, None]).item() == 9 * 255**2
    assert correlate(x > 0, x > 0).item() == 9
    assert transposed_correlation(x[None, ..., None], x[:1, :1, None, None]).max() == 255**2


def test_floats_keep_their_precision():
    assert correlate(np.ones(3, "float32"), np.ones(2, "float32")).dtype == "float32"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((3, 3)), np.ones(2)), "one size for each axis of the array, got 1 for 2"),
        ((np.ones(()), np.ones(())), "got 0 for 0"),
        ((np.ones(3), np.ones(4), "valid"), "a window of 4 does not fit into 3"),
        ((np.ones(0), np.ones(1)), "size must be at least 1, got 0"),
        ((np.ones(3), np.ones(2), "most"), "padding is 'valid', 'same', 'full', .* got 'most'"),
        ((np.ones((3, 3)), np.ones((2, 2)), (1, 1, 1)), r"one for each \(2\), got \(1, 1, 1\)"),
        ((np.ones(3), np.ones(2), 0.5), "padding is a word, a number or a pair of numbers, got 0.5"),
        ((np.ones(3), np.ones(2), [0.5]), "padding is a word, a number or a pair of numbers, got 0.5"),
        ((np.ones(3), np.ones(2), -1), "padding must not be negative, got -1"),
        ((np.ones(3), np.ones(2), 0, (1, 1)), r"stride is a whole number, or one for each axis \(1\), got \(1, 1\)"),
        ((np.ones(3), np.ones(2), 0, 1.5), "stride is a whole number, .* got 1.5"),
        ((np.ones(3), np.ones(2), 0, 1, 0), "dilation must be at least 1, got 0"),
        ((np.ones(3), np.ones(2), 1, 1, 1, "reflekt"), "unknown mode 'reflekt': did you mean 'reflect'?"),
    ],
)
def test_what_cannot_be_correlated_is_refused(arguments, message):
    for function in correlate, convolve:
        with pytest.raises(InputError, match=message):
            function(*arguments)


@pytest.mark.parametrize(
    ("x", "kernel", "groups", "message"),
    [
        ((5, 5), (3, 3), 1, r"got \(5, 5\) and \(3, 3\)"),
        ((1, 5, 5, 3), (3, 3, 3), 1, r"got \(1, 5, 5, 3\) and \(3, 3, 3\)"),
        ((1, 5, 3), (2, 2, 4), 1, "sees 2 channels in each of 1 groups, the input has 3"),
        ((1, 5, 4), (2, 2, 3), 2, "groups must divide the channels, got 2 for 3"),
        ((1, 5, 4), (2, 2, 3), 0, "in each of 0 groups"),
        ((1, 5, 0), (2, 0, 1), 1, "groups must divide the channels, got 1 for 0"),
        ((1, 5, 1), (2, 1, 0), 1, "groups must divide the channels, got 1 for 0"),
    ],
)
def test_channels_that_are_not_the_kernels_are_refused(x, kernel, groups, message):
    with pytest.raises(InputError, match=message):
        correlation(np.ones(x), np.ones(kernel), groups=groups)


def test_halves_are_summed_in_float32():
    ones = np.ones(4096, np.float16)

    assert correlate(ones, ones) == [4096]
