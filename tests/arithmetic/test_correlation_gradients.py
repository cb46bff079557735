import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given

from kcnn.arithmetic.correlation import correlation, correlation_gradients
from kcnn.arithmetic.transposed import transposed_correlation
from kcnn.errors import InputError
from tests.arithmetic.cases import any_padding, correlations, slopes


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def tensorflows(x, kernel, padding, stride, dilation):
    layout = {1: "NWC", 2: "NHWC", 3: "NDHWC"}[len(x.shape) - 2]
    return tf.nn.convolution(x, kernel, stride, padding.upper(), layout, dilation)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (3, 1), (1, 2)])
@pytest.mark.parametrize("taps", [(4,), (3, 2), (2, 1, 3)])
def test_output_and_gradients_equal_tensorflows(taps, padding, stride, dilation):
    x, kernel = drawn(2, *range(7, 7 + len(taps)), 3), drawn(*taps, 3, 4, seed=1)
    y = correlation(x, kernel, padding, stride, dilation)
    upstream = drawn(*y.shape, seed=2)

    dx, dkernel = correlation_gradients(x, kernel, upstream, padding, stride, dilation)

    given_x, given_kernel = tf.constant(x), tf.constant(kernel)
    with tf.GradientTape() as tape:
        tape.watch([given_x, given_kernel])
        expected = tensorflows(given_x, given_kernel, padding, stride, dilation)
        loss = tf.reduce_sum(expected * upstream)
    np.testing.assert_allclose(y, expected, atol=1e-12)
    for ours, theirs in zip((dx, dkernel), tape.gradient(loss, [given_x, given_kernel]), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("groups", [2, 4])
def test_groups_equal_tensorflows(groups):
    x, kernel = drawn(2, 7, 6, 4), drawn(3, 2, 4 // groups, 8)

    y = correlation(x, kernel, "same", groups=groups)

    np.testing.assert_allclose(y, tensorflows(x, kernel, "same", 1, 1), atol=1e-12)


@given(correlations(padding=any_padding))
def test_the_gradients_are_the_adjoints(case):
    x, kernel = case.operands()
    y = correlation(x, kernel, *case.rules, case.groups)
    upstream = drawn(*y.shape, seed=2)

    dx, dkernel = correlation_gradients(x, kernel, upstream, *case.rules, case.groups)

    assert (dx.shape, dkernel.shape) == (x.shape, kernel.shape)
    assert (y * upstream).sum() == pytest.approx((x * dx).sum())
    assert (y * upstream).sum() == pytest.approx((kernel * dkernel).sum())


@pytest.mark.parametrize(
    ("padding", "stride", "dilation"), [("valid", 1, 1), ("same", 2, 1), ("full", 1, (2, 1)), ([(0, 2), 1], (2, 3), 1)]
)
def test_the_gradients_are_the_slopes(padding, stride, dilation):
    x, kernel = drawn(1, 5, 4, 4), drawn(2, 3, 2, 4)
    rules = padding, stride, dilation, 2
    upstream = drawn(*correlation(x, kernel, *rules).shape)

    dx, dkernel = correlation_gradients(x, kernel, upstream, *rules)

    by_x = slopes(lambda x: (upstream * correlation(x, kernel, *rules)).sum(), x)
    by_kernel = slopes(lambda kernel: (upstream * correlation(x, kernel, *rules)).sum(), kernel)
    np.testing.assert_allclose(dx, by_x, atol=1e-6)
    np.testing.assert_allclose(dkernel, by_kernel, atol=1e-6)


@given(correlations())
def test_the_gradient_to_the_input_is_the_transposed_correlation(case):
    x, kernel = case.operands()
    upstream = correlation(x, kernel, *case.rules, case.groups)
    dropped = [
        (n + 2 * p - d * (k - 1) - 1) % s
        for n, k, s, p, d in zip(case.sizes, case.taps, case.strides, case.paddings, case.dilations, strict=True)
    ]

    dx, _ = correlation_gradients(x, kernel, upstream, *case.rules, case.groups)

    back = transposed_correlation(upstream, kernel, case.strides, case.paddings, dropped, case.dilations, case.groups)
    np.testing.assert_allclose(dx, back, atol=1e-9)


def test_an_upstream_gradient_of_another_shape_is_refused():
    with pytest.raises(InputError, match=r"upstream must have the output's shape \(1, 3, 2\), got \(1, 3, 1\)"):
        correlation_gradients(np.ones((1, 4, 1)), np.ones((2, 1, 2)), np.ones((1, 3, 1)))
