import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import GaussianCodes

LABELS = np.zeros(5000, "int64")


@pytest.mark.parametrize("training", [False, True])
def test_it_draws_standard_normal_codes_for_as_many_examples_as_there_are(training):
    codes = np.asarray(GaussianCodes(4, seed=0)(LABELS, training=training))

    assert codes.shape == (5000, 4)
    np.testing.assert_allclose(codes.mean(0), np.zeros(4), atol=0.06)
    np.testing.assert_allclose(np.cov(codes.T), np.eye(4), atol=0.08)


def test_each_call_draws_anew_and_a_seed_gives_the_same_draws():
    first, second = GaussianCodes(3, seed=3), GaussianCodes(3, seed=3)

    draws = np.array([first(LABELS) for _ in range(2)])

    assert (draws[0] != draws[1]).any()
    np.testing.assert_array_equal(draws, [second(LABELS) for _ in range(2)])


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("inputs", [keras.Input((), dtype="int32"), keras.Input((8, 8, 3))])
def test_shape_and_precision_are_known_before_it_runs(inputs, policy):
    codes = GaussianCodes(3, dtype=policy)(inputs)

    assert codes.shape == (None, 3)
    assert codes.dtype == policy.removeprefix("mixed_")


def test_it_is_the_same_layer_after_a_round_trip():
    layer = GaussianCodes(3, seed=4, name="codes")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))

    assert copy.get_config() == layer.get_config()
    assert layer.compute_output_shape((None, 8)) == (None, 3)
    np.testing.assert_array_equal(copy(LABELS), layer(LABELS))


def test_codes_of_nothing_are_refused():
    with pytest.raises(InputError, match="latent must be at least 1, got 0"):
        GaussianCodes(0)
