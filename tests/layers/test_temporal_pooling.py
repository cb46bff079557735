import keras
import numpy as np
import pytest
import tensorflow as tf

from kcnn.errors import InputError
from kcnn.layers import TemporalPooling
from tests.contracts.layer import LayerContract

MAPS = np.random.default_rng(0).normal(size=(4, 6, 3)).astype("float32")
# Texts of 5, 3, 1 and 0 words; windows of 2 are one more, and the first always counts.
WORDS = np.array([[5, 2, 3, 1, 9], [5, 2, 3, 0, 0], [7, 0, 0, 0, 0], [0] * 5], "int32")
COUNTED = (6, 4, 2, 1)
MODES = {"max": lambda maps: maps.max(0), "mean": lambda maps: maps.mean(0), "last": lambda maps: maps[-1]}


class TestContractMax(LayerContract):
    input_shape = (6, 3)

    def make(self, **kwargs):
        return TemporalPooling(**kwargs)


class TestContractMean(LayerContract):
    input_shape = (6, 3)

    def make(self, **kwargs):
        return TemporalPooling("mean", 2, **kwargs)


class TestContractLast(LayerContract):
    input_shape = (6, 3)

    def make(self, **kwargs):
        return TemporalPooling("last", **kwargs)


@pytest.mark.parametrize("mode", MODES)
def test_without_words_every_place_counts(mode):
    np.testing.assert_allclose(TemporalPooling(mode)(MAPS), [MODES[mode](maps) for maps in MAPS], rtol=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_with_words_those_places_count_that_saw_a_word(mode):
    expected = [MODES[mode](maps[:count]) for maps, count in zip(MAPS, COUNTED, strict=True)]

    np.testing.assert_allclose(TemporalPooling(mode, 2)([MAPS, WORDS]), expected, rtol=1e-6)


@pytest.mark.parametrize("window", [1, 2, 4])
@pytest.mark.parametrize("mode", MODES)
def test_padding_does_not_change_the_answer(mode, window):
    layer = TemporalPooling(mode, window)
    words = np.ones((4, 6 - window + 1), "int32")
    padded = np.concatenate([MAPS, np.full((4, 5, 3), 1e9, "float32")], 1)

    answer = layer([padded, np.pad(words, ((0, 0), (0, 5)))])

    np.testing.assert_allclose(answer, layer(MAPS), rtol=1e-6)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_what_does_not_count_never_wins_in_half_precision(policy, mode):
    lowest = np.full((1, 6, 1), -6e4, "float32")
    lowest[:, 4:] = 6e4

    answer = TemporalPooling(mode, 2, dtype=policy)([lowest, WORDS[1:2]])

    np.testing.assert_allclose(keras.ops.cast(answer, "float32"), [[-6e4]], rtol=0.01)


@pytest.mark.parametrize("words", [False, True])
def test_a_mean_is_summed_in_float32(words):
    many = np.full((1, 4000, 1), 100.0, "float32")
    inputs = [many, np.ones((1, 4000), "int32")] if words else many

    assert float(TemporalPooling("mean", dtype="mixed_float16")(inputs)[0, 0]) == 100


@pytest.mark.parametrize("mode", MODES)
def test_gradients_go_to_what_counts_and_are_finite(mode):
    maps = MAPS.copy()
    maps[1, 4:] = np.inf
    maps = tf.constant(maps)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        total = tf.reduce_sum(TemporalPooling(mode, 2)([maps, WORDS]))
    gradient = np.asarray(tape.gradient(total, maps))

    for one, count in zip(gradient, COUNTED, strict=True):
        np.testing.assert_allclose(one[:count].sum(0), np.ones(3), rtol=1e-6)
        np.testing.assert_array_equal(one[count:], 0)


@pytest.mark.parametrize("mode", MODES)
def test_the_number_of_words_may_be_unknown(mode):
    maps, words = keras.Input((None, 3)), keras.Input((None,), dtype="int32")
    layer = TemporalPooling(mode, 2)
    model = keras.Model([maps, words], layer([maps, words]))

    assert model.output.shape == (None, 3)
    for count in (1, 3, 5):
        inputs = [MAPS[:, : count + 1], WORDS[:, :count]]
        np.testing.assert_allclose(model.predict(inputs, verbose=0), layer(inputs), rtol=1e-6)


def test_it_is_the_same_after_saving_and_loading_with_words(tmp_path):
    maps, words = keras.Input((6, 3)), keras.Input((5,), dtype="int32")
    model = keras.Model([maps, words], TemporalPooling("mean", 2)([maps, words]))
    model.save(tmp_path / "model.keras")

    loaded = keras.saving.load_model(tmp_path / "model.keras")

    np.testing.assert_array_equal(loaded([MAPS, WORDS]), model([MAPS, WORDS]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "sum"}, "mode must be one of max, mean, last, got 'sum'"),
        ({"window": 0}, "window must be at least 1, got 0"),
    ],
)
def test_other_ways_of_pooling_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        TemporalPooling(**arguments)


def test_words_that_do_not_go_with_the_window_are_refused():
    with pytest.raises(InputError, match="6 places of a window of 3 do not come from 5 words"):
        TemporalPooling("max", 3)([MAPS, WORDS])
