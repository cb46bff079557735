import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import WordPadding

WORDS = np.arange(1, 15, dtype="int32").reshape(2, 7)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 7])
def test_texts_that_are_too_short_end_in_zeros(count):
    layer = WordPadding(4)
    expected = np.pad(WORDS[:, :count], ((0, 0), (0, max(0, 4 - count))))

    answer = layer(WORDS[:, :count])

    assert layer.compute_output_shape((2, count)) == expected.shape
    assert keras.backend.standardize_dtype(answer.dtype) == "int32"
    np.testing.assert_array_equal(answer, expected)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_in_a_model_words_stay_whole_numbers_and_may_be_any_number(policy):
    inputs = keras.Input((None,), dtype="int32")
    model = keras.Model(inputs, WordPadding(4, dtype=policy)(inputs))

    assert (model.output.shape, model.output.dtype) == ((None, None), "int32")
    assert model.predict(WORDS[:, :2], verbose=0).tolist() == [[1, 2, 0, 0], [8, 9, 0, 0]]
    np.testing.assert_array_equal(model.predict(WORDS, verbose=0), WORDS)


def test_it_is_the_same_layer_after_a_round_trip():
    layer = WordPadding(4, name="padding")
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))

    assert copy.get_config() == layer.get_config()
    assert layer.multiply_adds((None, 2), (None, 4)) == 0


def test_padding_to_nothing_is_refused():
    with pytest.raises(InputError, match="least must be at least 1, got 0"):
        WordPadding(0)
