import numpy as np
import pytest
import tensorflow as tf

from kcnn.errors import InputError
from kcnn.layers.local_response_norm import LocalResponseNormalization
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (5, 4, 7)

    def make(self, **kwargs):
        return LocalResponseNormalization(3, k=1.0, alpha=0.5, **kwargs)


def images(channels=9, scale=3.0):
    return (scale * np.random.default_rng(0).normal(size=(2, 3, 4, channels))).astype("float32")


@pytest.mark.parametrize("size", [1, 3, 5, 21])
def test_it_is_the_papers_formula_and_the_sum_ends_where_the_maps_end(size):
    a, k, alpha, beta = images(), 1.5, 0.2, 0.6
    expected = np.zeros_like(a)
    for i in range(9):
        neighbours = a[..., max(0, i - size // 2) : i + size // 2 + 1]
        expected[..., i] = a[..., i] / (k + alpha * (neighbours**2).sum(axis=-1)) ** beta

    np.testing.assert_allclose(LocalResponseNormalization(size, k, alpha, beta)(a), expected, rtol=1e-5)


def test_it_agrees_with_tensorflows_own():
    a = images(channels=96, scale=50)

    expected = tf.nn.lrn(a, depth_radius=2, bias=2.0, alpha=1e-4, beta=0.75)

    np.testing.assert_allclose(LocalResponseNormalization()(a), expected, rtol=1e-5)


def test_its_gradient_agrees_with_that_of_tensorflows_own():
    a = tf.constant(images(channels=96, scale=50))

    def gradient(normalise):
        with tf.GradientTape() as tape:
            tape.watch(a)
            loss = tf.reduce_sum(normalise(a) ** 2)
        return tape.gradient(loss, a)

    expected = gradient(lambda x: tf.nn.lrn(x, depth_radius=2, bias=2.0, alpha=1e-4, beta=0.75))

    np.testing.assert_allclose(gradient(LocalResponseNormalization()), expected, rtol=1e-4, atol=1e-4)


def test_squares_beyond_float16_do_not_overflow():
    a = np.full((1, 2, 2, 5), 1000.0, "float32")

    answer = LocalResponseNormalization(dtype="mixed_float16")(a)

    np.testing.assert_allclose(np.array(answer, "float32"), LocalResponseNormalization()(a), rtol=2e-3)


@pytest.mark.parametrize("size", [4, 0, -1])
def test_a_size_without_a_middle_is_refused(size):
    with pytest.raises(InputError, match=f"size must be odd and at least 1, got {size}"):
        LocalResponseNormalization(size)


def test_a_k_that_allows_a_division_by_zero_is_refused():
    with pytest.raises(InputError, match="k must be positive, got 0"):
        LocalResponseNormalization(k=0)
