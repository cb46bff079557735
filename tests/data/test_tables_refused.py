"""Tables of series with everything that can be wrong in them."""

import pytest

from kcnn.data import address
from kcnn.errors import DataError, InputError
from kcnn.recipes.series import Series

from .tables import every, labelled, load, long, wide, with_gap, write

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


def test_the_key_cannot_be_what_is_asked(tmp_path):
    with pytest.raises(InputError, match=r"data\.(key|target)"):
        load(write(tmp_path / "walks.csv", *long()), key="label")


@pytest.mark.parametrize(("name", "message"), [("x/walks.csv", "is not there"), ("walks.txt", "neither a .csv nor a")])
def test_a_path_that_names_no_table_is_refused_before_anything_is_read(here, name, message):
    (here / "walks.txt").write_text("words")

    with pytest.raises(DataError, match=message):
        address.check(Series(source=name, task="classification"))
