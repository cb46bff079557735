"""Files of labelled sentences in every layout, and what is refused of them without TensorFlow."""

import subprocess
import sys

import pytest

from kcnn.data.lines import check, lines
from kcnn.errors import DataError, InputError
from kcnn.recipes.text import Text


def write(path, content, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def read(path, **options):
    return lines(Text(source=str(path), **options))


def labelled(found, split="all"):
    return [(line.text, line.label) for line in found.splits[split]]


def test_a_line_is_a_sentence_and_has_a_place(tmp_path):
    write(tmp_path / "pos.txt", "good\n fine \t\r\nwell\rend")
    write(tmp_path / "neg.txt", "bad\u2028still bad\x85\n")
    found = read(tmp_path)

    assert found.whole
    assert labelled(found) == [
        ("bad\u2028still bad", "neg"),
        *(("good", "pos"), ("fine", "pos"), ("well", "pos"), ("end", "pos")),
    ]
    assert found.splits["all"][2].place == f"{tmp_path / 'pos.txt'}:2"


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (("pos.txt", "neg.txt"), ["neg", "pos"]),
        (("pos", "neg"), ["neg", "pos"]),
        (("rt-polarity.pos", "rt-polarity.neg"), ["neg", "pos"]),
        (("v1.0.pos.txt", "v1.0.neg.txt"), ["v1.0.neg", "v1.0.pos"]),
        (("good.txt", "bad.text"), ["bad.text", "good.txt"]),
        (("data", "data.neg"), ["data", "data.neg"]),
    ],
)
def test_a_class_has_that_part_of_its_file_s_name_that_differs(tmp_path, names, classes):
    for name in names:
        write(tmp_path / name, "some words\n")

    assert [line.label for line in read(tmp_path).splits["all"]] == classes


def test_what_is_hidden_and_what_explains_is_no_class(tmp_path):
    for name in ("rt.pos", "rt.neg", ".DS_Store", ".git/config", "rt.README.1.0.txt", "LICENSE", "old/rt.pos"):
        write(tmp_path / name, "some words\n")
    found = read(tmp_path)

    assert sorted({line.label for line in found.splits["all"]}) == ["neg", "pos"]
    assert found.notes == tuple(
        f"{tmp_path / name} is not used and was left out" for name in ("LICENSE", "rt.README.1.0.txt", "old")
    )


def test_folders_of_splits_have_the_same_classes(tmp_path):
    for split in ("train", "val", "test"):
        write(tmp_path / split / "rt.pos", f"good {split}\n")
    write(tmp_path / "train/rt.neg", "bad\n")
    write(tmp_path / "notes.md", "hello")
    found = read(tmp_path)

    assert list(found.splits) == ["train", "val", "test"]
    assert not found.whole
    assert labelled(found, "train") == [("bad", "neg"), ("good train", "pos")]
    assert labelled(found, "test") == [("good test", "pos")]
    assert found.notes == (f"{tmp_path / 'notes.md'} is not used and was left out",)


def test_the_rows_of_a_csv_have_their_own_classes(tmp_path):
    path = write(
        tmp_path / "all.csv", 'id,label,text\n1,pos,"good, ""very"" good"\n\n2, neg ,"two\nlines"\r\n3,pos,end'
    )
    found = read(path)

    assert labelled(found) == [('good, "very" good', "pos"), ("two\nlines", "neg"), ("end", "pos")]
    assert [line.place for line in found.splits["all"]] == [f"{path}:{number}" for number in (2, 4, 6)]
    assert found.faults == []


def test_the_columns_may_have_other_names(tmp_path):
    path = write(tmp_path / "all.csv", "Sentence, Mood\ngood,pos\n")

    assert labelled(read(path, text_column="Sentence", label_column="Mood")) == [("good", "pos")]


def test_a_folder_of_csv_files_has_splits(tmp_path):
    for split in ("train", "test"):
        write(tmp_path / f"{split}.csv", f"text,label\n{split},pos\n")
    write(tmp_path / "more.csv", "text,label\n")
    found = read(tmp_path)

    assert list(found.splits) == ["train", "test"]
    assert labelled(found, "test") == [("test", "pos")]
    assert found.notes == (f"{tmp_path / 'more.csv'} is not used and was left out",)


@pytest.mark.parametrize("name", ["rt.pos", "train.csv"])
@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "cp1252"), ("utf-8", "utf-8-sig")]
)
def test_every_encoding_is_read_and_a_byte_order_mark_skipped(tmp_path, name, encoding, named):
    write(tmp_path / name, "text,label\nfür “uns”,x\n", encoding)
    if name != "train.csv":
        write(tmp_path / "rt.neg", "bad\n", encoding)
    found = read(tmp_path, encoding=named)
    texts = [line.text for part in found.splits.values() for line in part]

    assert texts == (["für “uns”"] if name == "train.csv" else ["bad", "text,label", "für “uns”,x"])
    assert (found.faults, found.notes) == ([], ())


def test_bytes_outside_of_the_encoding_are_named_by_line(tmp_path):
    write(tmp_path / "pos", "good\n")
    path = tmp_path / "neg"
    path.write_bytes("fine\ncafé\nok\nüber\n".encode("latin-1"))
    found = read(tmp_path)

    assert [line.text for line in found.splits["all"]] == ["fine", "ok", "good"]
    assert found.faults == [
        f"{path}:2 (byte 0xe9 is not utf-8; data.encoding=latin-1 is a possibility)",
        f"{path}:4 (byte 0xfc is not utf-8)",
    ]
    assert read(tmp_path, encoding="latin-1").faults == []


def test_half_a_character_of_utf_16_is_a_fault_of_the_file(tmp_path):
    write(tmp_path / "pos", "good\n", "utf-16")
    (tmp_path / "neg").write_bytes("bad\n".encode("utf-16") + b"x")

    assert f"{tmp_path / 'neg'} (no utf-16: " in read(tmp_path, encoding="utf-16").faults[0]


def test_utf_8_that_is_read_as_something_else_is_noted(tmp_path):
    write(tmp_path / "pos", "café\n")
    write(tmp_path / "neg", "plain\n")

    assert read(tmp_path, encoding="latin-1").notes == (
        f"{tmp_path / 'pos'}: its bytes are utf-8, data.encoding=latin-1 makes other letters of them",
    )


@pytest.mark.parametrize("content", ["\n", "  \t \n", "\x85\u3000\n"])
def test_a_text_of_white_space_is_a_fault(tmp_path, content):
    write(tmp_path / "pos", f"good\n{content}fine\n")
    write(tmp_path / "neg", "bad\n")

    assert read(tmp_path).faults == [f"{tmp_path / 'pos'}:2 (an empty text)"]


def test_a_file_without_a_line_is_a_fault(tmp_path):
    write(tmp_path / "pos", "")
    write(tmp_path / "neg", "bad\n")

    assert read(tmp_path).faults == [f"{tmp_path / 'pos'} (no text)"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("good,", "no label"),
        ("good", "1 value, the header has 2"),
        ("good,  ", "no label"),
        (",pos", "an empty text"),
        ('" ",pos', "an empty text"),
        ("good, really,pos", "3 values, the header has 2"),
        ('"good"x,pos', "',' expected after '\"'"),
    ],
)
def test_a_row_that_cannot_be_used_is_a_fault(tmp_path, row, fault):
    path = write(tmp_path / "all.csv", f'text,label\n"two\nlines",neg\n{row}')
    found = read(path)

    assert found.faults == [f"{path}:4 ({fault})"]
    assert labelled(found) == [("two\nlines", "neg")]


def test_rows_behind_a_faulty_one_are_read(tmp_path):
    path = write(tmp_path / "all.csv", 'text,label\n"a"b,pos\nc,pos\n')

    assert labelled(read(path)) == [("c", "pos")]


@pytest.mark.parametrize(
    ("row", "what", "last"),
    [
        ('"never closed,neg', "unexpected end of data", 6),
        ('"she said "hi" and\nleft the room then",neg', """',' expected after '"'""", 3),
        ('"two\nlines"x,neg', """',' expected after '"'""", 4),
    ],
)
@pytest.mark.parametrize("bad_files", ["refuse", "skip"])
def test_a_quote_that_leaves_open_where_a_row_ends_refuses_the_file(tmp_path, row, what, last, bad_files):
    path = write(tmp_path / "all.csv", f"text,label\ngood,pos\n{row}\nbad,neg\nfine,pos\nworse,neg\n")

    with pytest.raises(DataError) as refused:
        read(path, bad_files=bad_files)
    assert str(refused.value) == (
        f"{path}, line 3: a quote is not closed, or stands within a field ({what}, line {last}): "
        "where the row ends cannot be told"
    )


def test_a_long_text_is_read_whole(tmp_path):
    long = "long " * 30_000
    path = write(tmp_path / "all.csv", f'text,label\n"{long}\nand longer",pos\nshort,neg\n')

    assert labelled(read(path)) == [(f"{long}\nand longer", "pos"), ("short", "neg")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("sentence,label\nx,y\n", r"has no column 'text' \(data.text_column\): there are: sentence, label"),
        ("text,mood\nx,y\n", r"has no column 'label' \(data.label_column\): there are: text, mood"),
        ("text;label\nx;y\n", r"has no column 'text' .* there are: text;label"),
        ("text,label,text\n", "has several columns 'text'"),
        ("", "has no column 'text' .* there are: none"),
        ('"text"x,label\n', "all.csv, line 1: "),
    ],
)
def test_missing_columns_are_named_with_those_there_are(tmp_path, content, message):
    path = write(tmp_path / "all.csv", content)

    with pytest.raises(DataError, match=message) as refused:
        read(path)
    assert str(refused.value).startswith(str(path))


def test_a_heading_in_another_encoding_can_be_shown(tmp_path):
    path = write(tmp_path / "all.csv", "größe,label\n", "latin-1")

    with pytest.raises(DataError, match=r"there are: 'gr\\udcf6\\udcdfe', label"):
        read(path)


def test_a_missing_address_is_refused_with_its_neighbour(tmp_path):
    write(tmp_path / "reviews" / "pos.txt", "good\n")

    with pytest.raises(DataError, match=r"revews is not there: did you mean '.*/reviews'\?"):
        check(str(tmp_path / "revews"))
    with pytest.raises(DataError, match="nowhere/at/all is not there$"):
        check("nowhere/at/all")


@pytest.mark.parametrize("source", ["digits", "tfds:mnist"])
def test_texts_come_from_files(source):
    with pytest.raises(InputError, match=f"data.source must be a folder of texts or a .csv file, got '{source}'"):
        check(source)


LAYOUTS = {
    "nothing": ([], "has no files of texts: wanted is a file a class"),
    "hidden": ([".pos", ".neg"], "has no files of texts"),
    "one class": (["pos.txt"], "has only the file pos.txt"),
    "a file a text": (["pos/1.txt", "neg/1.txt"], "has no files of texts"),
    "no train": (["val/pos", "val/neg", "test/pos", "test/neg"], "has val, test but no train"),
    "no train.csv": (["test.csv", "val.csv"], "has test.csv, val.csv but no train.csv"),
    "a csv of another name": (["reviews.csv"], "reviews.csv but no train.csv: name a single .csv itself"),
    "both": (["train.csv", "test/pos", "test/neg"], "has train.csv beside test: either the one or the other"),
    "csv below train": (["train/a.csv", "train/b.csv"], "train has a.csv, b.csv: wanted is"),
    "other splits": (["training/pos", "training/neg"], "has training: kcnn knows splits as train, val and test"),
    "other csv": (["train.csv", "dev.csv"], "has dev: kcnn knows splits as train, val and test"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_another_layout_is_refused_with_what_is_wanted(tmp_path, layout):
    names, message = LAYOUTS[layout]
    for name in names:
        write(tmp_path / name, "text,label\n")

    with pytest.raises(DataError, match=message) as refused:
        check(str(tmp_path))
    assert refused.value.exit_code == 3


def test_a_file_that_is_no_csv_is_refused(tmp_path):
    path = write(tmp_path / "reviews.txt", "good\n")

    with pytest.raises(DataError, match=r"reviews.txt is a file, but no .csv: wanted is one, or a folder"):
        check(str(path))


def test_nothing_of_this_needs_tensorflow():
    code = "import sys, kcnn.data.lines; sys.exit('tensorflow' in sys.modules or 'numpy' in sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True)
