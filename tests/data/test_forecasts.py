"""Splits in time: disjoint, contiguous, every step of them answered once, with all that is known before it."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from kcnn.data import address
from kcnn.data.forecasts import ForecastPreparation
from kcnn.data.preparation import preparation
from kcnn.errors import DataError, InputError
from kcnn.recipes import from_json
from kcnn.recipes.forecast import Forecast

STEPS = 50


def write(path, levels, dates=None, names="abc"):
    rows = [",".join(map(str, row)) for row in levels.tolist()]
    header = ",".join(names[: levels.shape[1]])
    if dates is not None:
        header, rows = f"date,{header}", [f"{date:%Y-%m-%d},{row}" for date, row in zip(dates, rows, strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return str(path)


@pytest.fixture
def levels():
    return np.random.default_rng(0).normal(0, 1, (STEPS, 3)).cumsum(0) + np.array([100.0, 20.0, 50.0])


@pytest.fixture
def source(tmp_path, levels):
    return write(tmp_path / "walks.csv", levels)


def load(source, **options):
    return address.load(Forecast(**{"source": source, "length": 8, "horizon": 3} | options))


def test_splits_follow_one_another_in_time_and_make_the_whole(source):
    splits = load(source, validation=0.2, test=0.3).splits

    assert {name: (part.first, len(part.levels)) for name, part in splits.items()} == {
        "train": (2, 25),
        "val": (25, 35),
        "test": (35, 50),
    }


def forecast_steps(part):
    """Which step each counted answer of a split is for, found by its numbers."""
    changes = part.preparation.standard(np.diff(part.levels, axis=0)[:, : part.preparation.targets])
    found = []
    for row in range(len(part)):
        for place in np.flatnonzero(part.weights[row]):
            (step,) = np.flatnonzero((np.abs(changes - part.truths[row, place]) < 1e-5).all(-1)) + 1
            found.append(step)
    return found


def test_every_step_of_a_split_is_forecast_exactly_once(source):
    splits = load(source, validation=0.2, test=0.3).splits

    assert forecast_steps(splits["val"]) == list(range(25, 35))
    assert forecast_steps(splits["test"]) == list(range(35, 50))
    assert set(forecast_steps(splits["train"])) == set(range(2, 25))


def test_what_is_seen_is_all_that_changed_before_and_nothing_after(source, levels):
    part = load(source).splits["test"]

    np.testing.assert_allclose(part.values[0], np.diff(levels, axis=0)[:-1])
    np.testing.assert_array_equal(part.weights[0], np.arange(2, STEPS) >= part.first)
    truth = part.truth(np.array([0]))
    np.testing.assert_allclose(truth["values"][0], part.preparation.standard(np.diff(levels, axis=0)[1:]), rtol=1e-5)


def test_windows_of_train_begin_half_a_window_apart_and_end_with_it(source, levels):
    part = load(source).splits["train"]

    begins = [int(np.flatnonzero(np.isclose(np.diff(levels[:, 0]), window[0, 0]))[0]) for window in part.values]
    assert begins == [0, 4, 8, 12, 16, 20, 24, 25]
    assert part.values.shape == part.inputs(np.arange(8)).shape == (8, 8, 3)
    assert part.weights.all()
    assert len(part.levels) == 35


def test_the_network_sees_changes_with_the_mean_and_deviation_of_train(source):
    found = load(source)
    train = found.splits["train"].levels

    seen = found.preprocessing.standardize(np.diff(train, axis=0)[np.newaxis]).numpy()

    assert seen.dtype == np.float32
    np.testing.assert_allclose(seen[0].mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(seen[0].std(0), 1, rtol=1e-5)
    assert found.example_shape == (None, 3)
    assert found.typical_shape == (8, 3)


@pytest.mark.parametrize("changes", ["difference", "log", "none"])
def test_levels_are_what_their_changes_lead_to(source, levels, changes):
    made = load(source, changes=changes).preprocessing

    np.testing.assert_allclose(made.moved(levels[:-1], made.changed(levels)), levels[1:])
    np.testing.assert_allclose(made.plain(made.standard(made.changed(levels))), made.changed(levels))
    np.testing.assert_allclose(made.moved(levels, made.unmoved(levels)), levels)
    np.testing.assert_allclose(made.around(levels[:-1], made.distance(levels[1:], levels[:-1])), levels[1:])


def test_logarithms_change_by_the_rate_of_growth(source, levels):
    made = load(source, changes="log").preprocessing

    np.testing.assert_allclose(made.changed(levels), np.log(levels[1:] / levels[:-1]))
    np.testing.assert_allclose(made.distance(levels, levels / 2), np.log(2))


def test_targets_come_first_and_alone_are_answered(source, levels):
    found = load(source, targets=("c", "a"))

    assert found.classes == ("c", "a")
    assert found.preprocessing.series == ("c", "a", "b")
    assert found.preprocessing.targets == 2
    np.testing.assert_array_equal(found.splits["test"].levels, levels[:, [2, 0, 1]])
    assert found.splits["test"].truths.shape[-1] == 2


def test_a_split_may_be_left_out(source):
    found = load(source, validation=0.0)

    assert list(found.splits) == ["train", "test"]
    assert found.choosing is None
    assert list(load(source, test=0.0).splits) == ["train", "val"]


def test_its_preparation_survives_json(source):
    made = load(source, targets=("b",), changes="log").preprocessing

    assert preparation(made.to_json()) == made
    assert isinstance(made, ForecastPreparation)


def test_the_fingerprint_is_that_of_numbers_dates_and_cuts(tmp_path, source, levels):
    dates = [datetime(2026, 1, 1) + timedelta(days=day) for day in range(STEPS)]
    dated = write(tmp_path / "dated.csv", levels, dates)
    later = write(tmp_path / "later.csv", levels, [date + timedelta(days=1) for date in dates])
    moved = write(tmp_path / "moved.csv", np.where(np.arange(STEPS)[:, None] == 40, levels + 0.5, levels))

    prints = [load(path).fingerprint for path in (source, dated, later, moved)]
    prints += [load(source, **options).fingerprint for options in ({"test": 0.3}, {"length": 9}, {"targets": ("b",)})]

    assert load(source).fingerprint == prints[0]
    assert len(set(prints)) == len(prints)


def test_an_uneven_calendar_is_said(tmp_path, levels):
    dates = [datetime(2026, 1, 1) + timedelta(days=day + 3 * (day > 20)) for day in range(STEPS)]
    file = write(tmp_path / "dated.csv", levels, dates)

    found = load(file)

    assert found.notes == (
        f"{file}: 1 of 49 steps are longer than the usual one (1 day), up to 4 days: each counts as one step",
    )
    assert found.splits["val"].dates == tuple(dates[:40])


# What cannot be used


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 34}, r"has 50 rows, of which train is 35: windows of data\.length=34 need 36"),
        ({"validation": 0.5, "test": 0.49}, "of which train is 1"),
        ({"validation": 0.04}, r"of which data\.validation=0\.04 is 2: forecasts of data\.horizon=3 need as many"),
        ({"test": 0.02}, r"of which data\.test=0\.02 is 1"),
        ({"targets": ("a", "d")}, "has no column 'd'"),
    ],
)
def test_too_few_rows_or_no_such_series_are_refused(source, options, message):
    with pytest.raises(DataError, match=message):
        load(source, **options)


def test_a_window_as_long_as_train_allows_is_taken(source):
    assert load(source, length=33).counts["train"] == 1


def test_a_series_that_is_constant_in_train_is_refused(tmp_path, levels):
    levels[:35, 1] = 7

    with pytest.raises(DataError, match="column b never changes in train, its first 35 rows"):
        load(write(tmp_path / "constant.csv", levels))


def test_a_line_is_no_constant(tmp_path, levels):
    levels[:, 0] = np.arange(STEPS)

    assert load(write(tmp_path / "line.csv", levels)).preprocessing.std[0] == 1.0


@pytest.mark.parametrize(("value", "shown"), [(0.0, "0"), (-1.5, "-1.5")])
def test_what_has_no_logarithm_is_named(tmp_path, levels, value, shown):
    levels[6, 2] = value
    file = write(tmp_path / "negative.csv", levels)

    with pytest.raises(DataError, match=f"line 8, column c: {shown} has no logarithm: data.changes=difference"):
        load(file, changes="log")
    assert load(file).counts["test"] == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"validation": 0.5, "test": 0.5}, r"test must be less than 1 together with data\.validation, which is 0\.5"),
        ({"targets": ["a", "a"]}, "targets must be all different"),
        ({"changes": "ratio"}, "changes must be 'difference', 'log' or 'none'"),
        ({"task": "regression"}, "unknown key 'task'"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(values, message):
    with pytest.raises(InputError, match=message):
        from_json(Forecast, {"source": "x.csv", **values})


@pytest.mark.data
def test_the_exchange_rates_are_read_without_a_note(data):
    found = address.load(Forecast(source=str(data / "series" / "exchange_rate.txt.gz"), changes="log"))

    assert found.classes == tuple("12345678")
    assert found.notes == ()
    assert {name: len(part.levels) - part.first for name, part in found.splits.items()} == {
        "train": 5309,
        "val": 759,
        "test": 1518,
    }
