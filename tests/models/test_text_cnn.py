import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kcnn.errors import InputError
from kcnn.models import build, build_without_weights, check
from kcnn.models.summary import receptive_fields, summarise
from tests.contracts.sequences import SequenceContract

SMALL = {"vocabulary": 20, "dimensions": 5, "filters": 6, "dropout": 0.0}
TEXTS = np.array([[4, 3, 9, 1, 7, 7, 2], [5, 8, 2, 6, 1, 0, 0], [3, 2, 0, 0, 0, 0, 0]], "int32")


class TestRandom(SequenceContract):
    name, options, shape = "text_cnn", SMALL, (9,)


class TestBoth(SequenceContract):
    name, options, shape = "text_cnn", {**SMALL, "embedding": "multichannel", "windows": (2, 4)}, (9,)


class TestStatic(SequenceContract):
    name, options, shape = "text_cnn", {**SMALL, "embedding": "static", "windows": (3,), "max_norm": None}, (9,)


def drawn(shape=(None,), classes=3, **options):
    model = build("text_cnn", shape, classes, **{**SMALL, **options})
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.weights])
    return model


def by_formula(model, text):
    """Kim 2014, equations 2 to 4, for a text without padding, each filter applied to each channel."""
    channels = [
        model.get_layer(name).get_weights()[0][text]
        for name in ("words", "words_static")
        if any(layer.name == name for layer in model.layers)
    ]
    strongest = []
    for window in (3, 4, 5):
        kernel, bias = model.get_layer(f"window{window}_conv").get_weights()
        around = ((window - 1, window - 1), (0, 0))
        windows = [
            sum(np.einsum("wd,wdf->f", np.pad(vectors, around)[i : i + window], kernel) for vectors in channels)
            for i in range(len(text) + window - 1)
        ]
        strongest.append(np.maximum(np.add(windows, bias), 0).max(0))
    weights, bias = model.get_layer("logits").get_weights()
    return np.concatenate(strongest) @ weights + bias


@pytest.mark.parametrize("embedding", ["random", "static", "non-static", "multichannel"])
def test_it_equals_the_formula_with_each_filter_on_both_channels(embedding):
    model = drawn(embedding=embedding)

    np.testing.assert_allclose(model(TEXTS[:1])[0], by_formula(model, TEXTS[0]), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("embedding", ["random", "multichannel"])
def test_padding_changes_nothing(embedding):
    model = drawn(embedding=embedding)
    alone = [model(text[text > 0][None])[0] for text in TEXTS]

    for more in (0, 1, 12):
        np.testing.assert_allclose(model(np.pad(TEXTS, ((0, 0), (0, more)))), alone, rtol=1e-4, atol=1e-5)


def test_a_text_may_be_shorter_than_every_window():
    open_, fixed = drawn(), drawn((2,))
    fixed.set_weights(open_.get_weights())

    np.testing.assert_allclose(fixed(TEXTS[2:, :2]), open_(TEXTS[2:]), rtol=1e-4, atol=1e-5)
    assert open_(np.array([[3]])).shape == (1, 3)


@pytest.mark.parametrize(
    ("embedding", "trained", "kept"),
    [
        ("random", ["words"], []),
        ("non-static", ["words"], []),
        ("static", [], ["words_static"]),
        ("multichannel", ["words"], ["words_static"]),
    ],
)
def test_which_vectors_learn_is_as_chosen(embedding, trained, kept):
    model = build("text_cnn", (7,), embedding=embedding, **SMALL)
    found = [layer for layer in model.layers if isinstance(layer, layers.Embedding)]

    assert [layer.name for layer in found if layer.trainable] == trained
    assert [layer.name for layer in found if not layer.trainable] == kept
    for layer in found:
        (vectors,) = layer.get_weights()
        assert vectors.shape == (20, 5)
        assert 0.2 < np.abs(vectors).max() <= 0.25


def test_parameters_are_those_counted_by_hand():
    """The paper's data MR have 18,765 words; padding and the unknown word are two more."""
    filters = 100 * (3 + 4 + 5) * 300 + 300
    vectors, classifier = 18_767 * 300, 300 * 2 + 2

    assert summarise(build_without_weights("text_cnn")).trainable_parameters == vectors + filters + classifier
    static = summarise(build_without_weights("text_cnn", embedding="static"))
    assert (static.trainable_parameters, static.non_trainable_parameters) == (filters + classifier, vectors)
    both = summarise(build_without_weights("text_cnn", embedding="multichannel"))
    assert (both.trainable_parameters, both.non_trainable_parameters) == (vectors + filters + classifier, vectors)


def test_multiply_adds_are_those_of_windows_and_classifier():
    expected = sum((56 + window - 1) * window for window in (3, 4, 5)) * 300 * 100 + 300 * 2

    assert summarise(build_without_weights("text_cnn", embedding="multichannel")).multiply_adds == expected


def test_a_place_sees_its_window_and_the_maximum_all_of_the_text():
    fields = receptive_fields(build_without_weights("text_cnn"))

    assert [fields[f"window{window}_conv"].size for window in (3, 4, 5)] == [3, 4, 5]
    assert (fields["text"].size, fields["stem"].size) == (1, 1)
    assert fields["pooled"].size is fields["logits"].size is None


def test_a_window_is_one_row_of_the_table():
    rows = {row.name: row for row in summarise(build_without_weights("text_cnn")).blocks}

    assert list(rows) == ["text", "words", "window3", "window4", "window5", "features", "dropout", "logits"]
    assert rows["words"].kind == "18,767 vectors of 300"
    assert (rows["window4"].kind, rows["window4"].shape) == ("4x 100, max", (100,))


@pytest.mark.parametrize("windows", [(3, 4, 5), [2]])
def test_its_taps_exist_in_order(windows):
    model = build_without_weights("text_cnn", (9,), 3, windows=windows, **SMALL)
    taps = ["stem", "features", "pooled", "logits"]

    assert [layer.name for layer in model.layers if layer.name in taps] == taps
    assert model.get_layer("stem").output.shape == (None, 9, 5)
    assert model.get_layer("pooled").output.shape == (None, 6 * len(windows))


@pytest.mark.parametrize("compiled", [False, True])
def test_after_each_step_no_class_has_weights_beyond_the_norm(compiled):
    """Keras's constraints are kept by optimizer.apply; all other weights are only moved."""
    model = drawn(max_norm=0.5)
    kernel = model.get_layer("logits").kernel
    assert np.linalg.norm(kernel, axis=0).min() > 0.5
    optimizer = keras.optimizers.SGD(1e-3)
    optimizer.build(model.trainable_variables)
    gradients = [keras.ops.ones(variable.shape) for variable in model.trainable_variables]
    before = [np.array(variable) for variable in model.trainable_variables]

    (tf.function(optimizer.apply) if compiled else optimizer.apply)(gradients)

    np.testing.assert_allclose(np.linalg.norm(kernel, axis=0), [0.5] * 3, rtol=1e-4)
    for variable, old in zip(model.trainable_variables, before, strict=True):
        if variable is not kernel:
            np.testing.assert_allclose(variable, old - 1e-3, rtol=1e-4, atol=1e-6)


def test_the_default_norm_is_the_papers_and_can_be_left_out():
    """Keras's dropout scales up what it keeps, the paper's does not: of half, twice as much."""
    half = build("text_cnn", (7,), **{**SMALL, "dropout": 0.5})

    assert build("text_cnn", (7,), **SMALL).get_layer("logits").kernel_constraint.max_value == 3
    assert half.get_layer("logits").kernel_constraint.max_value == 1.5
    assert build("text_cnn", (7,), max_norm=None, **SMALL).get_layer("logits").kernel_constraint is None


def test_half_of_what_was_found_is_dropped_in_training():
    model = drawn(dropout=0.5)

    assert model.get_layer("dropout").rate == 0.5
    np.testing.assert_array_equal(model(TEXTS), model(TEXTS))
    assert np.any(np.asarray(model(TEXTS, training=True)) != np.asarray(model(TEXTS)))


def test_texts_of_any_number_of_words_are_taken():
    assert check("text_cnn") == ((56,), 2)
    assert check("text_cnn", [None], 5) == ((None,), 5)
    assert check("text_cnn", (1,))[0] == (1,)


@pytest.mark.parametrize("shape", [(), (0,), (56, 1), (None, 1), (5.0,), 56, "a"])
def test_a_shape_that_is_not_a_number_of_words_is_refused(shape):
    with pytest.raises(InputError, match=r"input_shape must be \(words,\), each at least 1, or None for any number of"):
        check("text_cnn", shape)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"windows": (3, 3)}, r"windows of text_cnn must be a list of different sizes, each at least 1, got \(3, 3\)"),
        ({"windows": ()}, "windows of text_cnn must be"),
        ({"windows": (3, 0)}, "windows of text_cnn must be"),
        ({"windows": 3}, "windows of text_cnn must be"),
        ({"embedding": "word2vec"}, "embedding of text_cnn must be 'random', 'static', 'non-static' or 'multichannel'"),
        ({"vocabulary": 1}, "vocabulary of text_cnn must be a whole number of at least 2, got 1"),
        ({"dimensions": 0}, "dimensions of text_cnn must be a whole number of at least 1, got 0"),
        ({"max_norm": 0}, "max_norm of text_cnn must be a number above 0, or none, got 0"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(InputError, match=message):
        check("text_cnn", None, None, options)


def test_a_text_needs_two_classes():
    with pytest.raises(InputError, match="classes must be a whole number of at least 2, got 1"):
        check("text_cnn", classes=1)
