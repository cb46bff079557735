"""Series in CSV files as users have them, with everything that can be wrong in them."""

import numpy as np
import pytest

from kcnn.data import address
from kcnn.errors import DataError, InputError
from kcnn.recipes.series import Series


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def load(path, **options):
    return address.load(Series(**{"source": str(path), "task": "classification"} | options))


def every(source, name="values"):
    """Of all series of all splits, each as a nested list."""
    return [np.asarray(one).tolist() for part in source.splits.values() for one in getattr(part, name)]


# Classes of ten series of two channels, of 3 to 12 steps


def long(classes=("up", "down"), count=10, channels=("x", "y")):
    """A row a step: series 0 has 3 steps, each further one a step more; x counts them, y is the series' number."""
    lines = [",".join(("series", *channels, "label"))]
    for number in range(count):
        for step in range(3 + number):
            lines.append(f"s{number},{step},{number},{classes[number % len(classes)]}")
    return lines


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


def wide(count=10):
    """A row a series of 4 steps, those of odd numbers end a step early."""
    rows = [f"{number},{number}.5,-1,{'' if number % 2 else 2 * number},{'ab'[number % 2]}" for number in range(count)]
    return ["t0,t1,t2,t3,label", *rows]


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


def labelled(count=10):
    rows = [f"s{n},{step * n},{'even' if step % 2 == 0 else 'odd'}" for n in range(count) for step in range(4 + n % 3)]
    return ["series,x,label", *rows]


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


def with_gap(lines, line, column, cell=""):
    """The same with another cell in a line of the file, counted from 1."""
    cells = lines[line - 1].split(",")
    cells[column] = cell
    return [*lines[: line - 1], ",".join(cells), *lines[line:]]


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


# Faults


FAULTS = {
    "long row": (
        [*long()[:6], "s1,2,1,down,9", *long()[7:]],
        {},
        "line 7, series 's1': 5 values, the header has 4",
    ),
    "short row": ([*long()[:6], "s1,2", *long()[7:]], {}, "line 7, series 's1': 2 values, the header has 4"),
    "long row of a wide table": (
        [*wide()[:4], f"{wide()[4]},9", *wide()[5:]],
        {"layout": "wide"},
        "line 5: 6 values, the header has 5",
    ),
    "no key": (with_gap(with_gap(long(), 7, 0), 9, 0, "NA"), {}, "line 7: series is missing, as in 1 more"),
    "no key in a short row": (["x,label,series", *["1,a,s1"] * 3, "2,b"], {}, "line 5: 2 values, the header has 3"),
    "quote": ([*wide()[:4], '1,"2"3,4,5,b', *wide()[5:]], {"layout": "wide"}, """line 5: ',' expected after '"'"""),
    "word": (with_gap(long(), 7, 1, "two"), {}, "line 5, series 's1': 'two' in x at step 3 is no number"),
    "a number in Python alone": (
        with_gap(long(), 7, 1, "1_0"),
        {},
        "line 5, series 's1': '1_0' in x at step 3 is no num",
    ),
    "infinite": (with_gap(long(), 7, 2, "inf"), {}, "line 5, series 's1': 'inf' in y at step 3 is not finite"),
    "too large": (with_gap(long(), 7, 2, "1e60"), {}, "line 5, series 's1': '1e60' in y at step 3 is beyond float32"),
    "two labels": (
        with_gap(long(), 7, 3, "up"),
        {},
        "line 5, series 's1': label is 'down' and 'up': a whole series has one (data.task=labelling: one a step)",
    ),
    "no label": (with_gap(long(), 7, 3), {}, "line 5, series 's1': label is missing at step 3"),
    **{
        f"label {cell}": (
            with_gap(labelled(), 7, 2, cell),
            {"task": "labelling"},
            f"line 6, series 's1': label is missing at step 2 ({cell!r})",
        )
        for cell in ("NA", "NaN", "null", "None")
    },
    "step without a label": (
        with_gap(labelled(), 7, 2),
        {"task": "labelling"},
        "line 6, series 's1': label is missing at step 2",
    ),
    "no steps": ([*wide()[:4], ",,,,b", *wide()[4:]], {"layout": "wide"}, "line 5: has no steps"),
    "no class": (with_gap(wide(), 5, 4), {"layout": "wide"}, "line 5: label is missing at step 1"),
    "gap": (with_gap(wide(), 5, 1), {"layout": "wide"}, "line 5: values are missing: 1 of 3, the first in value at"),
    "a word for a number": (wide(), {"layout": "wide", "task": "regression"}, "line 2: label is 'a', which is no num"),
    "not finite": (
        ["a,label", "1,1", "2,nan", "3,1"],
        {"layout": "wide", "task": "regression"},
        "line 3: label is missing at step 1 ('nan')",
    ),
    "too large a number": (
        ["a,label", "1,1", "2,1e60", "3,1"],
        {"layout": "wide", "task": "regression"},
        "line 3: label is '1e60', which is beyond float32",
    ),
    "no 0 or 1": (
        ["x,series", *(f"{step % 2},s{n}" for n in range(9) for step in range(3)), "2,t", "0,t"],
        {"task": "prediction"},
        "line 29, series 't': prediction is of two steps or more, of 0s and 1s",
    ),
    "one step": (
        ["x,series", *(f"{step % 2},s{n}" for n in range(9) for step in range(3)), "1,t"],
        {"task": "prediction"},
        "line 29, series 't': prediction is of two steps or more, of 0s and 1s",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_by_file_and_line(tmp_path, fault):
    lines, options, says = FAULTS[fault]
    path = write(tmp_path / "faulty.csv", *lines)

    with pytest.raises(DataError) as refused:
        load(path, **options)
    assert f"cannot be used: {path}, {says}" in str(refused.value)
    assert str(refused.value).endswith("; data.bad_files=skip leaves them out")
    assert refused.value.exit_code == 3


def test_a_faulty_series_can_be_left_out_and_is_noted(tmp_path):
    path = write(tmp_path / "faulty.csv", *with_gap(long(), 7, 1, "two"))

    source = load(path, bad_files="skip")

    assert sum(source.counts.values()) == 9
    assert source.notes == (f"left out 1 series: {path}, line 5, series 's1': 'two' in x at step 3 is no number",)


@pytest.mark.parametrize("row", ["s1,2,1,down,9", "s1,2"])
def test_a_series_with_a_long_or_short_row_is_left_out_whole(tmp_path, row):
    path = write(tmp_path / "faulty.csv", *long()[:6], row, *long()[7:])

    source = load(path, bad_files="skip")

    assert sorted(one[0][1] for one in every(source)) == [0, *range(2, 10)]
    count = len(row.split(","))
    assert source.notes == (f"left out 1 series: {path}, line 7, series 's1': {count} values, the header has 4",)


def test_five_faults_are_named_and_all_are_counted(tmp_path):
    path = write(tmp_path / "faulty.csv", *(line.replace(",0,", ",zero,") for line in long()))

    with pytest.raises(DataError, match="10 series cannot be used: .* and 5 more"):
        load(path)


TABLES = {
    "nothing": ([], "no.csv has no rows below its header"),
    "a header alone": (["series,x,label"], "no.csv has no rows below its header"),
    "a column twice": (["series,x,x,label", "a,1,2,b"], "no.csv has the column 'x' twice"),
    "a column without a name": ([",series,x,label", "0,a,1,b"], "no.csv: column 1 has no name"),
    "no label": (["series,x", "a,1"], "no.csv has no column 'label', it has series, x"),
    "no key": (["x,label", "1,a"], "no.csv has no column 'series', it has x, label"),
    "no channels": (["series,label", "a,b"], "no.csv has no channels beside series, label"),
    "quotes": (["series,x,label", 'a,"1,b'], "no.csv, line 2: a quote is not closed, or stands within a field"),
    "a heading in quotes": (['"series"s,x,label', "a,1,b"], """no.csv, line 1: ',' expected after '"'"""),
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_is_none_is_refused_with_what_is_wrong(tmp_path, table):
    lines, says = TABLES[table]

    with pytest.raises(DataError) as refused:
        load(write(tmp_path / "no.csv", *lines))
    assert says in str(refused.value)


def test_another_encoding_is_refused(tmp_path):
    (tmp_path / "no.csv").write_bytes("series,größe,label\na,1,b\n".encode("latin-1"))

    with pytest.raises(DataError, match=r"no.csv is no CSV file in UTF-8: byte 0xf6 in line 1$"):
        load(tmp_path / "no.csv")


def test_one_class_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"one.csv: label is always up in train$"):
        load(write(tmp_path / "one.csv", *long(("up",))))


def test_the_key_cannot_be_what_is_asked(walks):
    with pytest.raises(InputError, match=r"data\.(key|target)"):
        load(walks, key="label")


# Folders


@pytest.fixture
def folder(tmp_path):
    """The walks by number: eight in train, one each in val and test."""
    header, *rows = long()
    for split, numbers in (("train", range(8)), ("val", (8,)), ("test", (9,))):
        own = [row for row in rows if int(row.split(",")[0][1:]) in numbers]
        write(tmp_path / "own" / f"{split}.csv", header, *own)
    return tmp_path / "own"


def test_the_user_s_splits_are_kept(folder):
    source = load(folder)

    assert (source.counts, source.choosing) == ({"train": 8, "val": 1, "test": 1}, "val")
    assert [len(part.values[-1]) for part in source.splits.values()] == [10, 11, 12]


@pytest.mark.parametrize(
    ("absent", "counts", "choosing"),
    [
        ("val", {"train": 6, "val": 2, "test": 1}, "val"),
        ("test", {"train": 6, "holdout": 2, "val": 1}, "holdout"),
    ],
)
def test_where_a_split_is_missing_choices_are_made_by_a_part_of_train(folder, absent, counts, choosing):
    (folder / f"{absent}.csv").unlink()

    source = load(folder, validation=0.25)

    assert (source.counts, source.choosing) == (counts, choosing)


@pytest.mark.parametrize(("task", "at"), [("classification", ""), ("labelling", " at step 1")])
def test_a_label_that_train_lacks_is_named_by_its_line(folder, task, at):
    path = folder / "test.csv"
    path.write_text(path.read_text().replace("down", "sideways"))
    fault = f"1 series{{}}: {path}, line 2, series 's9': label is 'sideways'{at}, train has down, up"

    with pytest.raises(DataError) as refused:
        load(folder, task=task)
    assert str(refused.value) == f"{fault.format(' cannot be used')}; data.bad_files=skip leaves them out"

    header, *rows = path.read_text().splitlines()
    write(path, header, *rows, "s10,1,2,up")
    source = load(folder, task=task, bad_files="skip")
    assert f"left out {fault.format('')}" in source.notes
    assert source.counts["test"] == 1


def test_channels_that_differ_from_those_of_train_are_refused(folder):
    path = folder / "test.csv"
    path.write_text(path.read_text().replace("x,y", "y,x"))

    with pytest.raises(DataError, match=r"test.csv has the channels y, x, train.csv x, y"):
        load(folder)


def test_a_fault_in_test_is_named_by_its_file(folder):
    path = write(folder / "test.csv", *with_gap((folder / "test.csv").read_text().splitlines(), 3, 1, "two"))

    with pytest.raises(DataError) as refused:
        load(folder)
    assert f"{path}, line 2, series 's9': 'two' in x at step 2 is no number" in str(refused.value)


def test_a_file_that_is_no_split_is_named_and_one_that_is_called_otherwise_is_refused(folder):
    write(folder / "notes.csv", "x,label", "1,a")

    assert f"{folder / 'notes.csv'} is not used and was left out" in load(folder).notes

    (folder / "val.csv").rename(folder / "valid.csv")
    with pytest.raises(DataError, match="has valid: kcnn knows splits as train, val and test"):
        load(folder)


def test_train_alone_is_refused(folder):
    for split in ("val", "test"):
        (folder / f"{split}.csv").unlink()

    with pytest.raises(DataError, match=r"has train.csv alone: test.csv or val.csv is what is reported"):
        load(folder)


def test_a_folder_without_train_is_refused_before_anything_is_read(folder):
    (folder / "train.csv").unlink()

    with pytest.raises(DataError, match="own has test.csv, val.csv but no train.csv"):
        address.check(Series(source=str(folder), task="classification"))


@pytest.mark.parametrize(("name", "message"), [("x/walks.csv", "is not there"), ("walks.txt", "neither a .csv nor a")])
def test_a_path_that_names_no_table_is_refused_before_anything_is_read(here, name, message):
    (here / "walks.txt").write_text("words")

    with pytest.raises(DataError, match=message):
        address.check(Series(source=name, task="classification"))


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
