"""Folders of tables: one a split."""

import pytest

from kcnn.data import address
from kcnn.errors import DataError
from kcnn.recipes.series import Series

from .tables import load, long, with_gap, write


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
