import keras
import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.models import build, build_without_weights, check
from kcnn.models.summary import receptive_fields, summarise
from tests.contracts.sequences import SequenceContract

SMALL = {"filters": 6, "levels": 3, "kernel": 3}
FIELD = 1 + 2 * 2 * 7


class TestLast(SequenceContract):
    name, options, shape = "tcn", SMALL, (13, 2)


class TestEvery(SequenceContract):
    name, options, shape = "tcn", {**SMALL, "answer": "every"}, (13, 2)


class TestAsWideAsItsInput(SequenceContract):
    """Where the first level has no convolution in its shortcut."""

    name, options, shape = "tcn", SMALL, (9, 6)


def drawn(answer, shape=(None, 2), **options):
    model = build("tcn", shape, 3, answer=answer, **{**SMALL, **options})
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.weights])
    return model


def series(steps, channels=2):
    return np.random.default_rng(0).normal(size=(4, steps, channels)).astype("float32")


@pytest.mark.parametrize("channels", [2, 6])
def test_read_at_the_last_step_it_is_a_strided_residual_network_with_the_same_weights(channels):
    last, every = (drawn(answer, (None, channels)) for answer in ("last", "every"))
    assert [w.path.split("/", 1)[0] for w in last.weights] == [w.path.split("/", 1)[0] for w in every.weights]

    for steps in (1, 2, 5, 8, FIELD - 1, FIELD, 40):
        x = series(steps, channels)
        np.testing.assert_allclose(last(x), every(x)[:, -1], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("step", [0, 7, 39])
def test_an_answer_depends_on_as_many_steps_before_it_as_the_receptive_field_says(step):
    model, x = drawn("every"), series(40 + FIELD)
    changed = x.copy()
    changed[:, step] += 1

    differences = np.abs(np.subtract(model(changed), model(x))).max((0, 2)) > 1e-6

    np.testing.assert_array_equal(differences[:step], False)
    assert differences[step]
    assert differences[step + FIELD - 1]
    np.testing.assert_array_equal(differences[step + FIELD :], False)


@pytest.mark.parametrize("answer", ["last", "every"])
@pytest.mark.parametrize(("kernel", "levels"), [(8, 8), (7, 8), (3, 2), (6, 4)])
def test_the_receptive_field_is_the_papers_in_both_forms(kernel, levels, answer):
    model = build_without_weights("tcn", (600, 2), 1, kernel=kernel, levels=levels, answer=answer)
    field = 1 + 2 * (kernel - 1) * (2**levels - 1)

    assert receptive_fields(model)["logits"].size == receptive_fields(model)["features"].size == field
    assert summarise(model).receptive_field == field


def counted(channels, classes, kernel, levels, filters):
    """Weights, biases and gains of two convolutions a level, the first shortcut, the classifier."""
    first = kernel * channels * filters + 2 * filters
    other = kernel * filters * filters + 2 * filters
    return first + other + (channels + 1) * filters + 2 * (levels - 1) * other + (filters + 1) * classes


# Table 1 of the paper and the options of its table 2; the copy memory has fewer than the paper's 16,000 by this count.
@pytest.mark.parametrize(
    ("channels", "classes", "options", "expected", "published"),
    [
        (2, 1, {"kernel": 8, "levels": 8, "filters": 24}, 70_369, 70e3),
        (1, 10, {"kernel": 7, "levels": 8, "filters": 25}, 66_910, 70e3),
        (1, 10, {"kernel": 8, "levels": 8, "filters": 10}, 12_530, 16e3),
        (88, 88, {"kernel": 3, "levels": 2, "filters": 150}, 269_938, 300e3),
        (88, 88, {"kernel": 6, "levels": 4, "filters": 150}, 1_053_238, 1e6),
    ],
)
@pytest.mark.parametrize("answer", ["last", "every"])
def test_it_is_as_large_as_is_published(channels, classes, options, expected, published, answer):
    model = build_without_weights("tcn", (None, channels), classes, answer=answer, **options)

    assert model.count_params() == counted(channels, classes, **options) == expected
    assert expected == pytest.approx(published, rel=0.22)


def test_for_the_last_step_alone_most_steps_are_not_computed():
    last, every = (build_without_weights("tcn", (2**12, 24), 1, answer=answer) for answer in ("last", "every"))
    places = 2**12 * 8 * 24 * 24

    assert summarise(every).multiply_adds == 16 * places + 2**12 * 24
    assert summarise(last).multiply_adds == pytest.approx(3 * places, rel=0.01)


def test_multiply_adds_need_a_number_of_steps():
    with pytest.raises(InputError, match="'stage1_block1_a_conv' are unknown: the number of steps"):
        summarise(build_without_weights("tcn", (None, 2)))


@pytest.mark.parametrize("answer", ["last", "every"])
def test_its_taps_are_the_levels(answer):
    model = build_without_weights("tcn", (40, 2), 3, answer=answer, **SMALL)
    taps = ["stage1", "stage2", "stage3", "features", *(["pooled"] * (answer == "last")), "logits"]
    steps = [20, 10, 5] if answer == "last" else [40] * 3

    assert [layer.name for layer in model.layers if layer.name in (*taps, "pooled")] == taps
    assert [model.get_layer(tap).output.shape for tap in taps[:3]] == [(None, count, 6) for count in steps]


def test_weights_begin_as_the_paper_says_and_gains_as_their_lengths():
    """N(0, 0.01) with 0.01 as the variance."""
    keras.utils.set_random_seed(0)
    model = build("tcn", (20, 24), 8)
    kernels = [weight for weight in model.get_weights() if weight.ndim > 1]
    norm = model.get_layer("stage3_block1_b_conv")
    gain, kernel, bias = norm.get_weights()

    assert len(kernels) == 17
    assert [np.std(one) for one in kernels] == pytest.approx([0.1] * 17, rel=0.15)
    np.testing.assert_allclose(gain, np.sqrt((kernel**2).sum((0, 1))), rtol=1e-5)
    np.testing.assert_array_equal(bias, 0)


def test_weights_may_begin_as_those_of_the_authors_do_behind_pytorchs_weight_normalisation():
    keras.utils.set_random_seed(0)
    model = build("tcn", (20, 24), 8, like="locuslab", filters=32)
    _, kernel, _ = model.get_layer("stage3_block1_b_conv").get_weights()
    shortcut, _ = model.get_layer("stage1_block1_shortcut_conv").get_weights()
    last, _ = model.get_layer("logits").get_weights()

    assert np.abs(kernel).max() == pytest.approx((8 * 32) ** -0.5, rel=0.01)
    assert np.abs(last).max() == pytest.approx(32**-0.5, rel=0.05)
    assert np.std(shortcut) == pytest.approx(0.01, rel=0.1)
    assert len({np.std(weight) for weight in model.get_weights() if weight.shape == (8, 32, 32)}) == 15


def test_dropout_leaves_out_whole_channels_after_each_convolution():
    model = build("tcn", (30, 2), 3, dropout=0.4, answer="every", **SMALL)
    dropped = [layer for layer in model.layers if isinstance(layer, layers.SpatialDropout1D)]
    first = keras.Model(model.input, dropped[0].output)

    silent = np.asarray(first(series(30), training=True)) == 0

    assert [layer.rate for layer in dropped] == [0.4] * 6
    assert silent.all(1).any()
    np.testing.assert_array_equal(model(series(30)), model(series(30)))


def test_dropout_of_single_numbers_leaves_no_channel_out_as_a_whole():
    model = build("tcn", (30, 2), 3, dropout=0.4, like="locuslab", answer="every", **SMALL)
    dropped = [layer for layer in model.layers if type(layer) is layers.Dropout]
    first = keras.Model(model.input, [dropped[0].input, dropped[0].output])

    before, after = (np.asarray(each) for each in first(series(30), training=True))

    silenced = (after == 0) & (before > 0)
    assert [layer.rate for layer in dropped] == [0.4] * 6
    assert np.mean(silenced[before > 0]) == pytest.approx(0.4, abs=0.15)
    assert not (silenced.all(1) & (np.sum(before > 0, 1) > 10)).any()


def test_a_series_may_be_answered_by_a_single_number():
    assert build("tcn", (20, 2), 1, **SMALL)(series(20)).shape == (4, 1)
    assert check("tcn") == ((600, 2), 1)
    assert check("tcn", [None, np.int64(3)], 4) == ((None, 3), 4)


@pytest.mark.parametrize("shape", [(10,), (10, 2, 1), (0, 2), (10, 0), (10, None), (1.5, 2), (True, 2), 10, "ab", ()])
def test_a_shape_that_is_not_steps_and_channels_is_refused(shape):
    with pytest.raises(InputError, match=r"input_shape must be \(steps, channels\), each at least 1, or None for any"):
        check("tcn", shape)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"answer": "first"}, "answer of tcn must be 'last' or 'every', got 'first'"),
        ({"kernel": 1}, "kernel of tcn must be a whole number of at least 2, got 1"),
        ({"levels": 0}, "levels of tcn must be a whole number from 1 to 24, got 0"),
        ({"filters": 0}, "filters of tcn must be a whole number of at least 1, got 0"),
        ({"features_only": True}, "unknown option of tcn 'features_only'"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(InputError, match=message):
        build("tcn", **options)


def test_without_an_answer_there_is_nothing_to_build():
    with pytest.raises(InputError, match="classes must be a whole number of at least 1, got 0"):
        check("tcn", classes=0)
