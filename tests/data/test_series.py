"""Series made ready for networks: padding, gaps, weights, and batches of about one length."""

import json
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from kcnn.data.pipeline import evaluation_batches, shuffled, training_batches
from kcnn.data.series import ROUNDED, SeriesExamples, SeriesListing, SeriesPreparation, assemble
from kcnn.errors import DataError
from kcnn.recipes.series import Series

LENGTHS = (3, 5, 40)
WHOLE = SeriesPreparation(length=5, longest=40, channels=2, mean=(1.0, -2.0), std=(2.0, 0.5))
STEPWISE = SeriesPreparation(length=None, longest=40, channels=2, mean=(1.0, -2.0), std=(2.0, 0.5))


def some(lengths=LENGTHS, channels=2):
    return [np.arange(steps * channels, dtype=np.float32).reshape(steps, channels) + steps for steps in lengths]


def whole(lengths=LENGTHS):
    return SeriesExamples(some(lengths), np.arange(len(lengths)), WHOLE)


def stepwise(lengths=LENGTHS):
    return SeriesExamples(some(lengths), [np.arange(steps) % 3 for steps in lengths], STEPWISE)


# What the network sees


def test_a_whole_series_that_is_shorter_begins_with_nothing_and_of_a_longer_one_the_end_is_seen():
    inputs = whole().inputs(np.array([0, 1, 2]))

    short, exact, long = some()
    assert inputs.shape == (3, 5, 2)
    assert np.isnan(inputs[0, :2]).all()
    np.testing.assert_array_equal(inputs[0, 2:], short)
    np.testing.assert_array_equal(inputs[1], exact)
    np.testing.assert_array_equal(inputs[2], long[-5:])


@pytest.mark.parametrize("length", [2, 5, 9])
def test_series_of_one_array_are_brought_to_the_length_too(length):
    values = np.arange(40, dtype=np.uint8).reshape(4, 5, 2)
    examples = SeriesExamples(values, np.arange(4), SeriesPreparation(length, 5, 2, (0.0, 0.0), (1.0, 1.0)))

    inputs = examples.inputs(np.array([3, 0]))

    assert (inputs.shape, inputs.dtype) == ((2, length, 2), np.float32)
    common = min(length, 5)
    np.testing.assert_array_equal(inputs[:, length - common :], values[[3, 0], 5 - common :])
    assert np.isnan(inputs[:, : length - common]).all()


def test_series_of_which_every_step_is_answered_end_with_nothing_and_their_batch_is_rounded_up():
    batch = stepwise().inputs(np.array([0, 1]))
    longer = stepwise().inputs(np.array([2, 0]))

    assert (batch.shape, longer.shape) == ((2, ROUNDED, 2), (2, 2 * ROUNDED, 2))
    for row, series in zip(batch, some(), strict=False):
        np.testing.assert_array_equal(row[: len(series)], series)
        assert np.isnan(row[len(series) :]).all()


def test_series_that_are_all_of_one_length_are_not_padded():
    examples = stepwise((7, 7))

    assert examples.lengths is None
    assert examples.inputs(np.array([1, 0])).shape == (2, 7, 2)
    assert examples.truth(np.array([1, 0]))["weights"].tolist() == [[1] * 7] * 2


def test_what_is_not_there_becomes_0_and_the_rest_is_standardised():
    series = np.array([[[3.0, np.nan], [np.nan, -1.0]]], np.float32)

    np.testing.assert_allclose(WHOLE.standardize(series), [[[1.0, 0.0], [0.0, 2.0]]])


def test_an_order_is_that_of_the_steps_that_are_seen():
    mixed = SeriesPreparation(3, 3, 1, (0.0,), (1.0,), order=(2, 0, 1))

    np.testing.assert_array_equal(mixed.standardize(np.array([[[10.0], [11], [12]]], np.float32)), [[[12], [10], [11]]])


@pytest.mark.parametrize("steps", [1, 4, 5, 11])
def test_the_exported_graph_fits_series_as_examples_are(steps):
    (series,) = some((steps,))
    fit = tf.function(WHOLE.fitted, input_signature=[tf.TensorSpec((None, None, 2), tf.float32)])

    fitted = fit(tf.constant(series[np.newaxis]))

    np.testing.assert_array_equal(fitted, whole((steps,)).inputs(np.array([0])))
    assert fit.get_concrete_function().structured_outputs.shape.as_list() == [None, 5, 2]


def test_a_series_of_which_every_step_is_answered_is_not_fitted():
    (series,) = some((7,))

    np.testing.assert_array_equal(STEPWISE.fitted(tf.constant(series[np.newaxis]))[0], series)


NUMBERED = SeriesPreparation(3, 3, 1, (0.1,), (1.0,), (2, 0, 1), "hold", target_mean=(3.0, 1.0), target_std=(2.0, 4.0))


def test_numbers_are_answered_in_the_unit_of_the_targets():
    np.testing.assert_array_equal(NUMBERED.in_units(tf.constant([[0.0, 0.0], [1.0, -1.0]])), [[3, 1], [5, -3]])
    np.testing.assert_array_equal(WHOLE.in_units(tf.constant([[0.5]])), [[0.5]])


@pytest.mark.parametrize("preparation", [WHOLE, STEPWISE, NUMBERED])
def test_it_survives_json(preparation):
    assert SeriesPreparation.from_json(json.loads(json.dumps(preparation.to_json()))) == preparation


# What it ought to answer


def test_every_step_that_is_there_weighs_1_and_what_is_over_0():
    truth = stepwise().truth(np.array([1, 0]))

    assert truth["values"].shape == truth["weights"].shape == (2, ROUNDED)
    assert truth["weights"].sum(1).tolist() == [5, 3]
    assert truth["weights"][1, :3].tolist() == [1, 1, 1]
    np.testing.assert_array_equal(truth["values"][0, :5], [0, 1, 2, 0, 1])
    np.testing.assert_array_equal(truth["values"][0, 5:], 0)


def test_numbers_of_every_step_have_their_channels():
    rolls = [np.ones((steps, 4), np.float32) for steps in (2, 6)]
    examples = SeriesExamples(rolls, rolls, SeriesPreparation(None, 6, 4, (0.0,) * 4, (1.0,) * 4))

    truth = examples.truth(np.array([0, 1]))

    assert truth["values"].shape == (2, ROUNDED, 4)
    assert truth["values"].sum((1, 2)).tolist() == [8, 24]


@pytest.mark.parametrize("examples", [whole(), stepwise(), stepwise((7, 7)), whole((5, 5))])
def test_a_batch_has_the_structure_that_its_signature_says(examples):
    chosen = np.array([1, 0])
    batch = examples.inputs(chosen), examples.truth(chosen)

    for spec, value in zip(tf.nest.flatten(examples.signature), tf.nest.flatten(batch), strict=True):
        assert spec.is_compatible_with(tf.constant(value))


def test_some_examples_are_spread_over_all_and_keep_their_truth():
    examples = stepwise(range(3, 33))

    few = examples.some(4)

    assert few.steps.tolist() == [3, 13, 22, 32]
    np.testing.assert_array_equal(few.truths[1], np.arange(13) % 3)
    assert len(examples.some(99)) == 30


# Batches


@pytest.fixture(scope="module")
def many():
    lengths = np.random.default_rng(0).integers(1, 200, 100)
    return stepwise(lengths)


def number(batch):
    """The series of a batch by number of steps and first value, which is that number."""
    inputs, truth, _ = batch
    steps = truth["weights"].numpy().sum(1).astype(int)
    assert (inputs.numpy()[:, 0, 0] == steps).all()
    return steps.tolist()


def collected(batches):
    return [number(batch) for batch in batches]


def test_an_epoch_has_every_series_once_in_equal_batches(many):
    batches = collected(training_batches(many, 5, seed=0, epoch=0))

    assert sorted(each for batch in batches for each in batch) == sorted(many.steps)
    assert {len(batch) for batch in batches} == {5}


def test_series_of_a_batch_are_of_about_one_length(many):
    def spread(batches):
        return np.mean([np.ptp(many.steps[batch]) for batch in batches])

    alike = shuffled(100, 5, 0, 0, 1, many.lengths)
    mixed = shuffled(100, 5, 0, 0, 1)

    assert spread(alike) < spread(mixed) / 4
    assert sorted(np.concatenate(alike)) == list(range(100))


def test_short_and_long_batches_are_mixed_and_another_epoch_mixes_them_otherwise(many):
    first, second = (shuffled(100, 5, 0, epoch, 1, many.lengths) for epoch in (0, 1))
    means = [many.steps[batch].mean() for batch in first]

    assert np.sum(np.diff(means) > 0) not in (0, len(means) - 1)
    assert {frozenset(batch) for batch in first} != {frozenset(batch) for batch in second}


def test_a_batch_is_as_long_as_its_longest_rounded_up(many):
    for inputs, truth, _ in training_batches(many, 5, seed=0, epoch=0):
        longest = int(truth["weights"].numpy().sum(1).max())
        assert inputs.shape[1] == -(-longest // ROUNDED) * ROUNDED


@pytest.mark.parametrize("start", [1, 7, 19])
def test_an_epoch_of_series_can_be_entered_in_the_middle(many, start):
    whole = collected(training_batches(many, 5, seed=3, epoch=2))

    assert collected(training_batches(many, 5, seed=3, epoch=2, start=start)) == whole[start:]


def test_the_batches_do_not_depend_on_the_number_of_workers(many):
    one, four = (collected(training_batches(many, 5, seed=1, epoch=0, workers=workers)) for workers in (1, 4))

    assert one == four


@pytest.mark.parametrize("replicas", [1, 2])
def test_evaluation_has_every_series_once_in_order(many, replicas):
    seen = []
    for inputs, truth, weights in evaluation_batches(many, 8, replicas):
        real = weights.numpy() > 0
        seen += number((inputs[real], {"weights": truth["weights"][real]}, None))

    assert seen == many.steps.tolist()


# Sources


def listing(train, truths, **options):
    options = {"standardised": True} | options
    return SeriesListing(("a", "b"), {"train": (train, truths), "test": (train[:2], truths[:2])}, **options)


SERIES = Series(source="here.csv", task="classification", validation=0)


def test_a_channel_that_never_varies_or_is_never_there_becomes_0():
    train = [np.array([[1.0, 7, np.nan], [3, 7, np.nan]], np.float32)] * 4

    preparation = assemble(SERIES, listing(train, np.array([0, 1, 0, 1]))).preprocessing

    assert (preparation.mean, preparation.std) == ((2.0, 7.0, 0.0), (1.0, 1.0, 1.0))
    np.testing.assert_array_equal(preparation.standardize(train[0][np.newaxis])[0, :, 1:], 0)


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1e6])
def test_numbers_of_any_unit_are_standardised_and_what_never_varies_is_left(unit):
    rng = np.random.default_rng(0)
    values = np.stack([unit * rng.normal(5, 2, (20, 8)), np.full((20, 8), 0.3 * unit)], -1).astype(np.float32)
    listing = SeriesListing(("a", "b"), {"train": (values, np.arange(20) % 2)}, standardised=True)

    preparation = assemble(Series(source="x.csv", task="classification", validation=0), listing).preprocessing
    seen = preparation.standardize(values).numpy()

    assert seen[..., 0].mean() == pytest.approx(0, abs=1e-4)
    assert seen[..., 0].std() == pytest.approx(1, abs=1e-4)
    assert np.abs(seen[..., 1]).max() <= max(1e-3, 1e-6 * unit)


def test_the_statistics_are_those_of_what_is_not_held_out():
    train = [np.full((3, 1), number, np.float32) for number in range(10)]
    source = assemble(
        Series(source="here.csv", task="classification", validation=0.3), listing(train, np.arange(10) % 2)
    )

    kept = np.concatenate(source.splits["train"].values)
    assert source.counts == {"train": 6, "val": 4, "test": 2}
    assert source.preprocessing.mean == pytest.approx(kept.mean(0))


def test_labels_are_held_out_by_class():
    train = [np.full((3, 1), number, np.float32) for number in range(20)]
    labels = np.array([0] * 16 + [1] * 4)
    source = assemble(Series(source="here.csv", task="classification", validation=0.25), listing(train, labels))

    assert np.bincount(source.splits["val"].truths).tolist() == [4, 1]


def test_series_of_which_the_beginning_is_not_seen_are_counted_by_split():
    train = [np.ones((steps, 1), np.float32) for steps in (2, 3, 5, 5)]
    tested = [np.ones((steps, 1), np.float32) for steps in (5, 6, 50)]
    found = SeriesListing(("a", "b"), {"train": (train, np.arange(4) % 2), "test": (tested, np.arange(3) % 2)}, True)
    asked = Series(source="here.csv", task="classification", validation=0)
    whole, cut, stepwise = asked, replace(asked, length=3), replace(asked, task="prediction")

    assert assemble(whole, found).notes == ("of 2 of 3 series of test only the last 5 steps are seen",)
    assert assemble(cut, found).notes == (
        "of 2 of 4 series of train only the last 3 steps are seen",
        "of 3 of 3 series of test only the last 3 steps are seen",
    )
    assert assemble(stepwise, found).notes == ()


def test_a_split_without_a_series_is_refused():
    train = [np.zeros((3, 1), np.float32)] * 4
    empty = SeriesListing(("a",), {"train": (train, np.zeros(4, int)), "test": ([], np.zeros(0, int))}, True)

    with pytest.raises(DataError, match=r"here.csv: no series are left in test"):
        assemble(SERIES, empty)
