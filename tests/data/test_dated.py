"""Dated series in files as users have them, with everything that can be wrong in them."""

import gzip
from datetime import datetime

import numpy as np
import pytest

from kcnn.data.dated import check, read
from kcnn.errors import DataError

ROWS = ("2026-01-30,1.5,10", "2026-02-02,1.6,11", "2026-02-03,1.55,9")


def write(path, *lines):
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


@pytest.fixture
def rates(tmp_path):
    return write(tmp_path / "rates.csv", "date,dollar,yen", *ROWS)


def test_a_row_is_a_step_and_a_column_a_series_with_its_name(rates):
    found = read(rates)

    assert found.names == ("dollar", "yen")
    np.testing.assert_array_equal(found.levels, [[1.5, 10], [1.6, 11], [1.55, 9]])
    assert found.levels.dtype == np.float64
    assert found.dates == (datetime(2026, 1, 30), datetime(2026, 2, 2), datetime(2026, 2, 3))
    assert found.notes == ()
    assert found.place(1, 1) == f"{rates}, line 3, column yen"


@pytest.mark.parametrize("header", ["date,dollar,yen", "DATE, dollar ,yen", "\ufeffDate,dollar,yen"])
def test_the_column_of_dates_is_called_so_in_any_case(tmp_path, header):
    found = read(write(tmp_path / "rates.csv", header, *ROWS))

    assert found.names == ("dollar", "yen")
    assert found.dates is not None


def test_the_column_of_dates_may_have_another_name(tmp_path):
    found = read(write(tmp_path / "rates.csv", "dollar,yen,day", "1,2,2026-01-30T12:00", "3,4,2026-01-30T13:00"), "day")

    assert found.names == ("dollar", "yen")
    assert [date.hour for date in found.dates] == [12, 13]


def test_a_file_without_dates_has_none(tmp_path):
    found = read(write(tmp_path / "rates.csv", "dollar,yen", "1,2", "3,4"))

    assert found.dates is None
    assert found.names == ("dollar", "yen")


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("m.txt", ["1,2,3", "4,5,6e0"]),
        ("m.txt", ["1 2\t3", "  4  5 6", "", ""]),
        ("m.csv", ["1,2,3", "4,5,6"]),
        ("m.TXT", ["1, 2, 3", "4, 5, 6"]),
    ],
)
def test_the_columns_of_a_matrix_are_numbered(tmp_path, name, lines):
    found = read(write(tmp_path / name, *lines))

    assert found.names == ("1", "2", "3")
    np.testing.assert_array_equal(found.levels, [[1, 2, 3], [4, 5, 6]])
    assert list(found.lines) == [1, 2]


def test_a_csv_without_names_is_said_to_have_none(tmp_path):
    file = write(tmp_path / "m.csv", "0,1,2", "4,5,6")

    found = read(file)

    assert found.notes == (
        f"{file} begins with numbers: its columns are called 1, 2, ..., and line 1 is the first step",
    )
    assert len(found.levels) == 2
    assert read(write(tmp_path / "m.txt", "0,1,2", "4,5,6")).notes == ()


def test_numbers_that_are_all_dates_are_said_to_be(tmp_path):
    file = write(tmp_path / "m.csv", "day,a", "20260101,1", "20260102,20260102")

    assert read(file).notes == (f"{file}: column day is read as numbers, data.date=day takes it for dates",)
    assert read(file, date="day").notes == ()


def test_empty_lines_at_the_end_are_no_gaps(tmp_path):
    assert len(read(write(tmp_path / "m.csv", "a,b", "1,2", "", "  ")).levels) == 1


def test_a_matrix_may_be_compressed(tmp_path):
    with gzip.open(tmp_path / "m.txt.gz", "wt") as stream:
        stream.write("1,2\n3,4\n")

    np.testing.assert_array_equal(read(tmp_path / "m.txt.gz").levels, [[1, 2], [3, 4]])


def test_series_are_chosen_and_ordered_by_name_and_what_is_left_out_is_said(tmp_path):
    file = write(tmp_path / "rates.csv", "date,dollar,remark,yen", "2026-01-30,1,good,2", "2026-02-02,3,bad,4")

    found = read(file, wanted=("yen", "dollar"))

    assert found.names == ("yen", "dollar")
    np.testing.assert_array_equal(found.levels, [[2, 1], [4, 3]])
    assert found.notes == (f"{file}: remark is not asked for and was left out",)
    np.testing.assert_array_equal(found.ordered(("dollar",)).levels, [[1], [3]])


def test_a_series_that_is_not_there_is_answered_with_the_nearest(rates):
    with pytest.raises(DataError, match="has no column 'dolar': did you mean 'dollar'"):
        read(rates, wanted=("dolar",))
    with pytest.raises(DataError, match=r"has no column 'zzz': it has date, dollar, yen"):
        read(rates, date="zzz")
    with pytest.raises(DataError, match="has no column 'zzz'"):
        read(rates).ordered(("zzz",))


FAULTS = {
    "text": (["date,a", "2026-01-01,1", "2026-01-02,x"], "line 3, column a: 'x' is no number"),
    "underscore": (["date,a", "2026-01-01,1_000"], "line 2, column a: '1_000' is no number"),
    "infinity": (["date,a", "2026-01-01,inf"], "line 2, column a: 'inf' is not finite"),
    "beyond": (["date,a", "2026-01-01,1e39"], "line 2, column a: '1e39' is beyond float32"),
    "dates by another name": (
        ["timestamp,a", "2026-01-01,1"],
        "line 2, column timestamp: '2026-01-01' is no number: data.date=timestamp takes the column for dates",
    ),
    "a gap at the end": (["a,b", "1,2", ","], "line 3, column a: nothing is there, 2 of 4"),
    "empty cell": (["date,a,b", "2026-01-01,1,2", "2026-01-02,,3"], "line 3, column a: nothing is there, 1 of 4"),
    "nan": (["date,a", "2026-01-01,1", "2026-01-02,NaN"], "line 3, column a: nothing is there"),
    "twice": (["date,a", "2026-01-01,1", "2026-01-01,2"], "line 3, column date: 2026-01-01 comes twice"),
    "disorder": (["date,a", "2026-01-02,1", "2026-01-01,2"], "line 3, column date: 2026-01-01 is earlier than"),
    "no date": (["date,a", "2026-01-01,1", "31.1.2026,2"], "line 3, column date: '31.1.2026' is no date like"),
    "year": (["date,a", "2026,1"], "line 2, column date: '2026' is no date"),
    "no such day": (["date,a", "2026-02-30,1"], "'2026-02-30' is no date"),
    "zones": (
        ["date,a", "2026-01-01T00:00Z,1", "2026-01-02T00:00,2"],
        "line 3, column date: some dates have",
    ),
    "ragged": (["date,a", "2026-01-01,1", "2026-01-02"], "line 3: 1 values, line 1 has 2"),
    "long": (["date,a", "2026-01-01,1,2"], "line 2: 3 values, line 1 has 2"),
    "blank between": (["date,a", "2026-01-01,1", "", "2026-01-02,2"], "line 3: 0 values, line 1 has 2"),
    "no name": ([",a", "0,1"], "line 1: column 1 has no name"),
    "same names": (["a,a", "0,1"], "line 1: two columns are called 'a'"),
    "no names": (["2026-01-01,1.5", "2026-01-02,1.6"], "line 1: '2026-01-01' is no name of a column"),
    "a fault in the first row": (["x,1.5", "1,1.6"], "line 1: '1.5' is no name of a column"),
    "names alone": (["date,a"], "has no rows below its names"),
    "dates alone": (["date", "2026-01-01"], "has no series beside date"),
    "nothing": ([], "is empty"),
    "blanks": (["", ""], "is empty"),
    "quote": (['date,"a', "1,2"], "line 1: a quote is not closed, or stands within a field"),
    "quote within": (['date,"a"b', "1,2"], """line 1: ',' expected after '"'"""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_place(tmp_path, fault):
    lines, message = FAULTS[fault]
    file = write(tmp_path / "faulty.csv", *lines)

    with pytest.raises(DataError) as raised:
        read(file)

    assert str(raised.value).startswith(str(file))
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_row_that_begins_above_its_last_line_is_named_by_its_first(tmp_path):
    with pytest.raises(DataError, match="line 2, column a: 'two\\\\nlines' is no number"):
        read(write(tmp_path / "two.csv", "a,b", '"two', 'lines",1'))


def test_a_matrix_of_text_has_no_names(tmp_path):
    with pytest.raises(DataError, match="line 1, column 1: 'a' is no number"):
        read(write(tmp_path / "m.txt", "a b", "1 2"))


def test_bytes_that_are_no_text_are_named(tmp_path):
    (tmp_path / "latin.csv").write_bytes("date,größe\n2026-01-01,1\n".encode("latin-1"))
    (tmp_path / "broken.txt.gz").write_bytes(gzip.compress(b"1,2\n" * 1000)[:20])
    (tmp_path / "plain.txt.gz").write_bytes(b"1,2\n")

    with pytest.raises(DataError, match="is not UTF-8: .* at byte 7"):
        read(tmp_path / "latin.csv")
    for name in ("broken", "plain"):
        with pytest.raises(DataError, match="cannot be read"):
            read(tmp_path / f"{name}.txt.gz")


def test_a_gap_is_held_where_that_is_asked_and_said(tmp_path):
    file = write(tmp_path / "m.txt", "1,2", ",3", "NA,", "4,5")

    found = read(file, gaps="hold")

    np.testing.assert_array_equal(found.levels, [[1, 2], [1, 3], [1, 3], [4, 5]])
    assert found.notes == (f"{file}: 3 of 8 values are missing, and were held from before",)


def test_a_gap_at_the_beginning_cannot_be_held(tmp_path):
    with pytest.raises(DataError, match="line 1, column 2: nothing is there, and nothing before it"):
        read(write(tmp_path / "m.txt", "1,", "2,3"), gaps="hold")


def test_a_source_that_is_none_is_refused(tmp_path):
    with pytest.raises(DataError, match="is not there"):
        check(str(tmp_path / "absent.csv"))
    with pytest.raises(DataError, match=r"is none of \.csv, \.txt, \.txt\.gz"):
        check(str(tmp_path))
    with pytest.raises(DataError, match="is none of"):
        check(str(write(tmp_path / "table.xlsx", "1")))
