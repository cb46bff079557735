"""Series in CSV files as users have them."""

import numpy as np
import pytest

from kcnn.errors import DataError, InputError

from .tables import every, labelled, load, long, wide, with_gap, write

# Classes of ten series of two channels, of 3 to 12 steps


@pytest.fixture
def walks(tmp_path):
    return write(tmp_path / "walks.csv", *long())


def test_a_row_is_a_step_of_the_series_that_its_key_names(walks):
    source = load(walks, validation=0.25)

    assert source.classes == ("down", "up")
    assert source.counts == {"train": 6, "val": 2, "test": 2}
    assert source.choosing == "val"
    assert sorted(every(source), key=len) == [[[step, number] for step in range(3 + number)] for number in range(10)]
    for part in source.splits.values():
        for values, label in zip(part.values, part.truths, strict=True):
            assert source.classes[label] == ("up", "down")[int(values[0, 1]) % 2]


def test_rows_of_different_series_may_be_mixed(tmp_path, walks):
    header, *rows = long()
    by_step = sorted(rows, key=lambda row: int(row.split(",")[1]))

    assert sorted(every(load(write(tmp_path / "mixed.csv", header, *by_step)))) == sorted(every(load(walks)))


def test_columns_may_have_other_names_and_stand_anywhere(tmp_path, walks):
    lines = [",".join(np.array(line.split(","))[[3, 1, 0, 2]]) for line in long()]
    lines[0] = "what,x,who,y"

    source = load(write(tmp_path / "other.csv", *lines), key="who", target="what")

    assert source.fingerprint == load(walks).fingerprint


def test_series_are_brought_to_the_length_of_the_longest_in_train_or_to_that_asked_for(walks):
    lengths = {len(one) for one in load(walks).splits["train"].values}

    assert load(walks).example_shape == (max(lengths), 2)
    assert load(walks, length=5).example_shape == (5, 2)


def test_channels_are_standardised_by_the_steps_of_train(walks):
    source = load(walks)
    steps = np.concatenate(source.splits["train"].values)

    assert source.preprocessing.mean == pytest.approx(steps.mean(0), abs=1e-5)
    assert source.preprocessing.std == pytest.approx(steps.std(0), abs=1e-5)


def stamped(first, step=1.0):
    """The same with x counted from `first` on."""
    header, *rows = long()
    cells = [row.split(",") for row in rows]
    return [header, *(",".join((name, repr(first + step * int(x)), *rest)) for name, x, *rest in cells)]


@pytest.mark.parametrize("gaps", ["refuse", "mean"])
def test_a_channel_that_float32_takes_for_constant_is_refused(tmp_path, gaps):
    path = write(tmp_path / "seconds.csv", *stamped(1.7e9))

    with pytest.raises(DataError, match=r"seconds.csv: x varies by 2.9 around 1700000004, which is lost in float32: "):
        load(path, gaps=gaps)


@pytest.mark.parametrize(("first", "step"), [(1e5, 1.0), (0.3, 1e-17), (1.7e9, 0.0), (-4e-7, 1e-7)])
def test_a_channel_that_float32_shows_or_that_is_constant_is_read(tmp_path, first, step):
    source = load(write(tmp_path / "x.csv", *stamped(first, step)))

    expected = [np.float32(first + step * number) for number in range(12)]
    longest = max(every(source), key=len)
    np.testing.assert_array_equal(np.array(longest, np.float32)[:, 0], expected)


def test_classes_that_are_numbers_are_ordered_by_value(tmp_path):
    assert load(write(tmp_path / "n.csv", *long(("10", "9", "-1")))).classes == ("-1", "9", "10")


@pytest.mark.parametrize("odd", ["²", "--5", "1_0"])
def test_classes_that_only_look_like_numbers_are_names(tmp_path, odd):
    assert load(write(tmp_path / "n.csv", *long((odd, "9")))).classes == tuple(sorted((odd, "9")))


def test_the_table_may_come_from_a_spreadsheet(tmp_path, walks):
    text = "\ufeff" + "\r\n".join(f" {line.replace(',', ' , ')}" for line in long()) + "\r\n\r\n"
    (tmp_path / "sheet.csv").write_bytes(text.encode())

    assert load(tmp_path / "sheet.csv").fingerprint == load(walks).fingerprint


# Wide


def test_a_row_is_a_series_of_one_channel_that_may_end_early(tmp_path):
    source = load(write(tmp_path / "wide.csv", *wide()), layout="wide")

    expected = [[[n], [n + 0.5], [-1], [2 * n]][: 3 if n % 2 else 4] for n in range(10)]
    assert sorted(every(source)) == expected
    assert source.example_shape == (4, 1)
    for part in source.splits.values():
        for values, label in zip(part.values, part.truths, strict=True):
            assert source.classes[label] == "ab"[int(values[0, 0]) % 2]


def test_what_is_asked_may_stand_before_the_steps_and_rows_may_be_short(tmp_path):
    lines = ["label,t0,t1,t2", *(f"{'ab'[n % 2]},{n},{n}" + (",7" if n > 4 else "") for n in range(10))]

    source = load(write(tmp_path / "wide.csv", *lines), layout="wide")

    assert sorted(every(source)) == [[[n], [n], [7]][: 3 if n > 4 else 2] for n in range(10)]


def test_numbers_can_be_asked_of_a_whole_series(tmp_path):
    lines = ["a,b,sum", *(f"{n},{n},{2 * n}" for n in range(10))]

    source = load(write(tmp_path / "sums.csv", *lines), layout="wide", task="regression", target="sum")

    assert source.classes == ("sum",)
    for part in source.splits.values():
        assert part.truths.dtype == np.float32
        np.testing.assert_array_equal(part.truths, np.sum(list(part.values), 1))


def test_of_a_wide_table_a_whole_series_is_asked(tmp_path):
    with pytest.raises(InputError, match="data.layout=wide has one answer a series, labelling needs data.layout=long"):
        load(write(tmp_path / "wide.csv", *wide()), layout="wide", task="labelling")


# Every step


def test_every_step_can_have_a_label(tmp_path):
    source = load(write(tmp_path / "steps.csv", *labelled()), task="labelling")

    assert source.classes == ("even", "odd")
    assert source.example_shape == (None, 1)
    for part in source.splits.values():
        for values, labels in zip(part.values, part.truths, strict=True):
            np.testing.assert_array_equal(labels, np.arange(len(values)) % 2)


def test_the_next_step_of_0s_and_1s_is_asked_of_all_channels(tmp_path):
    rolls = np.random.default_rng(0).integers(0, 2, (10, 6, 3))
    rows = [f"s{n},{','.join(map(str, step))}" for n, roll in enumerate(rolls) for step in roll]

    source = load(write(tmp_path / "rolls.csv", "series,kick,snare,hat", *rows), task="prediction")

    assert source.classes == ("kick", "snare", "hat")
    assert sorted(every(source)) == sorted(rolls[:, :-1].tolist())
    assert sorted(every(source, "truths")) == sorted(rolls[:, 1:].tolist())
    assert (source.preprocessing.mean, source.preprocessing.std) == ((0,) * 3, (1,) * 3)


def test_without_a_key_a_file_is_one_series(tmp_path):
    for split in ("train", "test"):
        write(tmp_path / "own" / f"{split}.csv", "x,label", "1,a", "2,b", "3,a")

    source = load(tmp_path / "own", task="labelling", validation=0)

    assert every(source) == [[[1], [2], [3]]] * 2
    assert source.counts == {"train": 1, "test": 1}
    assert source.notes == tuple(
        f"{tmp_path / 'own' / split}.csv has no column 'series': all of its rows are one series"
        for split in ("train", "test")
    )


def test_another_key_that_is_not_there_is_refused(tmp_path):
    path = write(tmp_path / "x.csv", "id,x,label", "1,1,a", "2,2,b")

    with pytest.raises(DataError, match="x.csv has no column 'who', it has id, x, label"):
        load(path, task="labelling", key="who")


def test_the_only_series_cannot_be_set_aside(tmp_path):
    with pytest.raises(DataError, match=r"x.csv: none of 1 series can be set aside as test: give test.csv"):
        load(write(tmp_path / "x.csv", "x,label", "1,a", "2,b"), task="labelling")


# Gaps


@pytest.mark.parametrize("cell", ["", "NaN", "NA", "null", "None", " "])
def test_a_gap_is_refused_with_its_series_channel_and_step_unless_something_else_is_said(tmp_path, cell):
    path = write(tmp_path / "gap.csv", *with_gap(long(), 7, 1, cell))

    with pytest.raises(
        DataError,
        match=r"1 series cannot be used: .*gap.csv, line 5, series 's1': values are missing: 1 of 8, "
        r"the first in x at step 3: data.gaps=hold or data.gaps=mean fills them",
    ) as refused:
        load(path)
    assert refused.value.exit_code == 3


def test_a_gap_can_hold_the_value_before_it(tmp_path):
    lines = with_gap(with_gap(long(), 7, 1), 8, 1)

    source = load(write(tmp_path / "gap.csv", *lines), gaps="hold")

    (filled,) = [one for one in every(source) if one[0][1] == 1]
    assert filled == [[0, 1], [1, 1], [1, 1], [1, 1]]


def test_a_gap_can_be_taken_for_the_mean(tmp_path):
    source = load(write(tmp_path / "gap.csv", *with_gap(long(), 7, 1)), gaps="mean")

    (split, index), *others = [
        (name, index)
        for name, part in source.splits.items()
        for index, values in enumerate(part.values)
        if np.isnan(values).any()
    ]
    assert not others
    part = source.splits[split]
    seen = source.preprocessing.standardize(part.inputs(np.array([index])))[0].numpy()
    steps = np.concatenate(source.splits["train"].values)
    assert source.preprocessing.mean == pytest.approx(np.nanmean(steps, 0), abs=1e-5)
    assert seen[-2, 0] == 0  # the third of four steps, behind those that fill up the beginning
    assert seen[-2, 1] == pytest.approx((1 - source.preprocessing.mean[1]) / source.preprocessing.std[1], rel=1e-5)


def test_a_gap_at_the_beginning_has_nothing_to_hold(tmp_path):
    path = write(tmp_path / "gap.csv", *with_gap(long(), 5, 2))

    with pytest.raises(DataError, match=r"line 5, series 's1': begins with a gap in y: there is nothing to hold"):
        load(path, gaps="hold")


def test_an_empty_line_of_a_single_channel_is_a_gap(tmp_path):
    rows = ["1", "0", "", "1", "1"]
    for split in ("train", "test"):
        write(tmp_path / "own" / f"{split}.csv", "x", *rows)

    with pytest.raises(DataError, match=r"train.csv.*missing.*x at step 3"):
        load(tmp_path / "own", task="prediction", validation=0)


# What it is known by


def test_the_fingerprint_is_of_content_not_of_place(walks, tmp_path):
    before = load(walks).fingerprint
    walks.rename(tmp_path / "elsewhere.csv")

    assert load(tmp_path / "elsewhere.csv").fingerprint == before


@pytest.mark.parametrize(("column", "cell"), [(2, "7"), (3, "up")])
def test_the_fingerprint_sees_one_changed_value_and_a_changed_label(walks, column, cell):
    before = load(walks, task="labelling")
    write(walks, *with_gap(long(), 7, column, cell))

    after = load(walks, task="labelling")

    assert after.fingerprint != before.fingerprint
    changed = [a != b for name in after.digests for a, b in zip(after.digests[name], before.digests[name], strict=True)]
    assert sum(changed) == 1


def test_what_is_set_aside_is_drawn_with_the_seed(walks):
    tests = [load(walks, split_seed=seed).digests["test"] for seed in (0, 0, 1)]

    assert tests[0] == tests[1] != tests[2]
