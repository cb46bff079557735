import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import OneHot


@pytest.mark.parametrize("kind", ["int64", "int32", "uint8", "float32"])
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_a_label_is_a_row_of_the_identity(kind, policy):
    answer = OneHot(4, dtype=policy)(np.array([2, 0, 3], kind))

    assert keras.backend.standardize_dtype(answer.dtype) == policy.removeprefix("mixed_")
    np.testing.assert_array_equal(np.asarray(answer, "float32"), np.eye(4)[[2, 0, 3]])


def test_shape_and_precision_are_known_before_it_runs():
    vectors = OneHot(4)(keras.Input((), dtype="int32"))

    assert (vectors.shape, vectors.dtype) == ((None, 4), "float32")
    assert OneHot(4).compute_output_shape((None,)) == (None, 4)


def test_it_is_the_same_layer_after_a_round_trip():
    layer = OneHot(4, name="class")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))

    assert copy.get_config() == layer.get_config()


def test_vectors_of_no_class_are_refused():
    with pytest.raises(InputError, match="classes must be at least 1, got 0"):
        OneHot(0)
