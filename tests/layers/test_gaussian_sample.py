import keras
import numpy as np
import pytest
import tensorflow as tf

from kcnn.layers import GaussianSample

MEAN = np.tile(np.array([[-1.0, 2.0]], "float32"), (20_000, 1))
LOG_VARIANCE = np.tile(np.log(np.array([[0.25, 4.0]], "float32")), (20_000, 1))


def test_it_draws_with_the_mean_and_the_variance_that_it_is_given():
    drawn = np.asarray(GaussianSample(seed=0)([MEAN, LOG_VARIANCE]))

    np.testing.assert_allclose(drawn.mean(0), [-1, 2], atol=0.05)
    np.testing.assert_allclose(drawn.std(0), [0.5, 2], rtol=0.05)


def test_each_call_draws_anew_and_a_seed_gives_the_same_draws():
    first, second = GaussianSample(seed=3), GaussianSample(seed=3)

    draws = np.array([first([MEAN, LOG_VARIANCE]) for _ in range(2)])

    assert (draws[0] != draws[1]).any()
    np.testing.assert_array_equal(draws, [second([MEAN, LOG_VARIANCE]) for _ in range(2)])


def test_the_gradient_passes_to_mean_and_variance():
    mean, log_variance = tf.constant(MEAN[:5]), tf.constant(LOG_VARIANCE[:5])
    with tf.GradientTape() as tape:
        tape.watch([mean, log_variance])
        drawn = GaussianSample(seed=0)([mean, log_variance])
    to_mean, to_log_variance = tape.gradient(drawn, [mean, log_variance])

    np.testing.assert_array_equal(to_mean, np.ones((5, 2)))
    np.testing.assert_allclose(to_log_variance, (drawn - mean) / 2, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_it_computes_in_half_precision(policy):
    answer = GaussianSample(dtype=policy)([MEAN, LOG_VARIANCE])

    assert keras.backend.standardize_dtype(answer.dtype) == policy.removeprefix("mixed_")


def test_shapes_and_config_are_those_that_it_was_given():
    layer = GaussianSample(seed=4, name="code")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))

    assert layer.compute_output_shape([(None, 3), (None, 3)]) == (None, 3)
    assert copy.get_config() == layer.get_config()
    assert layer.weights == []
