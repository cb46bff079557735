import keras
import numpy as np
import pytest
import tensorflow as tf

from kcnn.layers import WordVectors

WORDS = np.array([[3, 1, 2, 0], [2, 0, 0, 0]], "int32")


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_words_have_their_vectors_and_padding_has_none(policy):
    layer = WordVectors(4, 3, dtype=policy)
    answer = layer(WORDS)

    expected = np.array(layer.embeddings)[WORDS] * (WORDS != 0)[..., None]
    assert keras.backend.standardize_dtype(answer.dtype) == layer.compute_dtype
    np.testing.assert_allclose(keras.ops.cast(answer, "float32"), expected, rtol=1e-3)
    assert np.all(np.asarray(answer)[WORDS == 0] == 0)


def test_padding_learns_nothing():
    layer = WordVectors(4, 3)
    layer.build(WORDS.shape)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(WORDS))
    gradient = np.asarray(tf.convert_to_tensor(tape.gradient(total, layer.embeddings.value)))

    np.testing.assert_array_equal(gradient, np.array([0, 1, 2, 1])[:, None] * np.ones(3))


@pytest.mark.parametrize("words", [4, None])
def test_it_is_the_same_after_saving_and_loading(tmp_path, words):
    text = keras.Input((words,), dtype="int32")
    model = keras.Model(text, WordVectors(4, 3)(text))
    model.save(tmp_path / "model.keras")

    loaded = keras.saving.load_model(tmp_path / "model.keras")

    assert loaded.output.shape == (None, words, 3)
    np.testing.assert_array_equal(loaded(WORDS), model(WORDS))
