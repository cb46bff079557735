"""Files of word vectors, written by hand in every form, whole and damaged."""

import gzip
import subprocess
import sys

import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.weights import word2vec
from kcnn.weights.word2vec import Vectors, matrix, read

WORDS = ["</s>", "the", "film", "n't", "New_York", "größe", "電影"]
TABLE = np.random.default_rng(0).normal(0, 0.3, (len(WORDS), 6)).astype(np.float32)
FORMS = ["binary", "binary with newlines", "text", "text with a space at the end", "glove"]


def content(form, words=WORDS, table=TABLE):
    """A file of these vectors: of word2vec.c or gensim with or without newlines, as text, or as GloVe writes it."""
    header = f"{len(words)} {table.shape[1]}\n".encode()
    if form.startswith("binary"):
        end = b"\n" if form.endswith("newlines") else b""
        return header + b"".join(
            word.encode() + b" " + row.tobytes() + end for word, row in zip(words, table, strict=True)
        )
    end = " \n" if form.endswith("end") else "\n"
    lines = [f"{word} {' '.join(map(repr, map(float, row)))}{end}" for word, row in zip(words, table, strict=True)]
    return (b"" if form == "glove" else header) + "".join(lines).encode()


@pytest.fixture
def file(tmp_path):
    def write(data, name="vectors"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


def refusal(path, words=WORDS, dimensions=None):
    """The error of a file that must be refused: one line with the file's name."""
    with pytest.raises(InputError) as caught:
        read(path, words, dimensions)
    message = str(caught.value)
    assert caught.value.exit_code == (2 if "model.options.dimensions" in message else 3)
    assert message.startswith(str(path))
    assert message.isprintable()
    return message.removeprefix(str(path))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("packed", [False, True])
def test_every_form_is_known_by_its_content(file, form, packed):
    data = content(form)
    vectors = read(file(gzip.compress(data) if packed else data), WORDS, 6)

    assert (vectors.dimensions, vectors.count) == (6, 7)
    assert list(vectors.found) == WORDS
    for word, row in zip(WORDS, TABLE, strict=True):
        assert vectors.found[word].dtype == np.float32
        np.testing.assert_array_equal(vectors.found[word], row)
        assert vectors.found[word].flags.writeable


@pytest.mark.parametrize("form", FORMS)
def test_only_the_words_that_are_asked_for_are_kept(file, form):
    vectors = read(file(content(form)), ["film", "The", "größe"])

    assert list(vectors.found) == ["film", "größe"]
    assert vectors.count == 7


@pytest.mark.parametrize("form", FORMS)
def test_a_file_larger_than_what_is_read_at_once_is_read(file, form, monkeypatch):
    for size in (64, 73, 200):
        monkeypatch.setattr(word2vec, "_CHUNK", size if form.startswith("binary") else 1000)
        found = read(file(content(form)), WORDS).found

        np.testing.assert_array_equal(np.stack(list(found.values())), TABLE)


@pytest.mark.parametrize("form", FORMS)
def test_of_a_word_that_comes_twice_the_first_counts(file, form):
    vectors = read(file(content(form, ["the", "the"], TABLE[:2])), ["the"])

    np.testing.assert_array_equal(vectors.found["the"], TABLE[0])


def test_floats_that_look_like_newlines_spaces_and_letters_are_numbers(file):
    table = np.frombuffer(b"\n  \n" * 3 + b"abcd  \n\n\n\n\n<", "<f4").reshape(2, 3)
    for form in ("binary", "binary with newlines"):
        found = read(file(content(form, ["a", "b"], table)), ["a", "b"]).found
        assert found["a"].tobytes() + found["b"].tobytes() == table.tobytes()


def test_numbers_are_written_in_many_ways(file):
    found = read(file(b"2 4\nthe 1 -2.5 +3e-2 4.\r\nfilm 0 0 0 .5\r\n"), ["the", "film"]).found

    assert found["the"].tolist() == [1, -2.5, np.float32(0.03), 4]
    assert found["film"].tolist() == [0, 0, 0, 0.5]


def test_a_word_of_a_text_may_have_spaces(file):
    vectors = read(file(b"the 1 2\n. . . 3 4\nat name@domain.com 5 6\n"), [". . .", "at name@domain.com"])

    assert {word: vector.tolist() for word, vector in vectors.found.items()} == {
        ". . .": [3, 4],
        "at name@domain.com": [5, 6],
    }


@pytest.mark.parametrize("form", FORMS[2:])
def test_a_word_of_a_text_may_have_control_characters(file, form):
    words = ["the", "fi\x7flm", "\x00"]
    vectors = read(file(content(form, words, TABLE[:3])), words)

    np.testing.assert_array_equal(np.stack(list(vectors.found.values())), TABLE[:3])


@pytest.mark.parametrize("form", FORMS[2:])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b" "])
def test_the_last_line_of_a_text_may_be_blank(file, form, end):
    assert read(file(content(form) + end), WORDS).count == 7
    assert refusal(file(content(form) + b"\n\n")).endswith(" has 0 values, not 6")


@pytest.mark.parametrize("form", ["binary", "binary with newlines"])
def test_a_binary_file_that_is_cut_off_names_the_entry(file, form):
    data = content(form)
    header = data.index(b"\n") + 1
    places = [data.index(b"\n") + 1]
    for word in WORDS:
        places.append(places[-1] + len(word.encode()) + 1 + 24 + form.endswith("newlines"))
    for cut in range(header, len(data) - form.endswith("newlines")):
        # The newline behind a vector is not missed.
        entry = sum(cut >= place - form.endswith("newlines") for place in places[1:]) + 1
        assert refusal(file(data[:cut])) == f" is cut off in entry {entry} of 7"


@pytest.mark.parametrize("form", ["text", "text with a space at the end"])
def test_a_text_that_is_cut_off_is_refused(file, form):
    data = content(form)
    last = data.rindex(b" ", 0, -3)
    for cut in range(data.index(b"\n") + 1, last + 1):
        assert refusal(file(data[:cut]))


def test_of_glove_s_text_a_line_that_is_cut_off_is_refused(file):
    data = content("glove")
    second, last = data.index(b"\n") + 1, data.rindex(b" ")
    for cut in range(second, last + 1):
        whole = data[:cut].endswith(b"\n") or data[:cut].count(b" ") % 6 == 0
        if whole:  # a shorter last number cannot be told from one that is meant so
            continue
        assert refusal(file(data[:cut])).startswith((": line ", " is no file"))


@pytest.mark.parametrize("form", FORMS)
def test_a_header_or_first_word_that_is_cut_off_is_refused(file, form):
    # Of GloVe's, which have no header, a word and one number are a whole file.
    for cut in range(1, 6 if form == "glove" else 14):
        assert refusal(file(content(form)[:cut]))


@pytest.mark.parametrize("form", FORMS)
def test_a_gz_that_is_cut_off_is_refused(file, form):
    data = gzip.compress(content(form), mtime=0)
    for cut in range(1, len(data)):
        assert refusal(file(data[:cut]))


def test_a_large_gz_that_is_cut_off_names_where(file):
    table = np.random.default_rng(1).normal(size=(2000, 50)).astype(np.float32)
    words = [f"word{number}" for number in range(len(table))]

    for form, place in (("binary", r"entry 1\d\d\d of 2000"), ("text", r"line 1\d\d\d"), ("glove", r"line 1\d\d\d")):
        data = gzip.compress(content(form, words, table))
        with pytest.raises(InputError, match=f"is cut off in {place}$"):
            read(file(data[: len(data) * 3 // 4]), words)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", " is empty"),
        (b"PK\x03\x04zip", " is a .zip: unpack it first"),
        (b"0 300\n", " holds no vectors: its header says 0 of 300 numbers"),
        (b"3 0\n", " holds no vectors: its header says 3 of 0 numbers"),
        (b"3 99999999\nthe 1 2\n", " holds no vectors: its header says 3 of 99999999 numbers"),
        (b"\x89PNG\r\n\x1a\n", " is no file of word vectors: line 1 is neither a header nor a word with numbers"),
        (b"a film that is good\n", " is no file of word vectors: line 1 is neither a header nor a word with numbers"),
        (b"the\n", " is no file of word vectors: line 1 is neither a header nor a word with numbers"),
        (b"2 3\nthe 1 2 3\nfilm 1 2\n", ": line 3 has 2 values, not 3"),
        (b"2 3\nthe 1 2 3 4\nfilm 1 2 3\n", ": line 2 has 4 values, not 3"),
        (b"the 1 2 3\n\nfilm 1 2 3\n", ": line 2 has 0 values, not 3"),
        (b"other 1 2 3\nfilm 1  3\n", ": line 2 ('film') has a value that is no number: "),
        (b"2 3\nthe 1 x 3\nfilm 1 2 3\n", ": line 2 ('the') has a value that is no number: x"),
        (b"the 1 2 3\nfilm 1 2 3,5\n", ": line 2 ('film') has a value that is no number: 3,5"),
        (b"the 1 2 3\nfilm 1 nan 3\n", ": line 2 ('film') has a value that is not finite"),
        (b"the 1 2 3\nfilm 1 1e39 3\n", ": line 2 ('film') has a value that is not finite"),
        (b"3 3\nthe 1 2 3\nfilm 1 2 3\n", " has 2 words, its header says 3"),
        (b"1 3\nthe 1 2 3\nfilm 1 2 3\n", " has 2 words, its header says 1"),
        (b"3 3\n", " is cut off in entry 1 of 3"),
        (b"\x1f\x8b not packed", " is damaged, or no file of word vectors: "),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(file, data, message):
    assert refusal(file(data)).startswith(message)


def test_a_value_of_a_binary_file_that_is_not_finite_names_the_word(file):
    table = TABLE.copy()
    table[2, 3] = np.nan

    assert refusal(file(content("binary", table=table))) == ": entry 3 ('film') has a value that is not finite"
    assert len(read(file(content("binary", table=table)), ["the"]).found) == 1


def test_a_binary_file_with_other_dimensions_than_its_header_says_is_refused(file):
    data = content("binary")

    assert " is cut off in entry " in refusal(file(data.replace(b"7 6", b"7 8", 1)))
    assert refusal(file(data + b"more")) == " is damaged: it goes on after the 7 entries that its header says"


def test_a_word_without_an_end_is_refused_before_memory_is_full(file, monkeypatch):
    monkeypatch.setattr(word2vec, "_CHUNK", 1000)

    assert refusal(file(b"5 3\n" + b"\0" * 5000)) == " is damaged: entry 1 of 5 has no word"
    assert refusal(file(b"the 1 2\n" + b"x" * 5000)) == " is no file of word vectors: line 2 does not end"


@pytest.mark.parametrize("form", FORMS)
def test_other_dimensions_than_those_asked_for_are_refused(file, form):
    assert refusal(file(content(form)), dimensions=300) == (
        " has vectors of 6 numbers, 300 are needed: model.options.dimensions=6"
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_file_without_any_of_the_words_is_refused(file, form):
    message = refusal(file(content(form)), ["THE", "FILM"])

    assert message == " has none of the 2 words that are asked for ('FILM', 'THE', ...)"


def test_what_is_no_file_is_refused(tmp_path):
    assert refusal(tmp_path / "nowhere") == ": there is no such file"
    assert refusal(tmp_path) == " is a folder, not a weight file"


def test_the_table_has_padding_then_the_unknown_word_then_the_words():
    vectors = Vectors(dict(zip(WORDS, TABLE, strict=True)), 6, 7)
    table = matrix(vectors, ["film", "missing", "the"], seed=1)

    assert (table.shape, table.dtype) == ((5, 6), np.float32)
    assert not table[0].any()
    assert table[1].all()
    np.testing.assert_array_equal(table[[2, 4]], TABLE[[2, 1]])
    assert table[3].all()


def test_what_was_not_found_is_uniform_and_varies_as_much_as_what_was():
    drawn = np.random.default_rng(2).normal(0.05, 0.2, (50, 300)).astype(np.float32)
    vectors = Vectors({f"known{number}": row for number, row in enumerate(drawn)}, 300, 50)
    table = matrix(vectors, [f"missing{number}" for number in range(1000)], seed=1)[1:]
    widest = np.sqrt(3) * drawn.std()

    assert table.var() == pytest.approx(drawn.var(), rel=0.01)
    assert abs(table.mean()) < 0.002
    assert np.abs(table).max() == pytest.approx(widest, rel=1e-3)
    counts, _ = np.histogram(table, 10, (-widest, widest))
    assert counts.min() > 0.97 * counts.mean()


def test_the_table_depends_on_the_seed_and_not_on_which_words_were_found():
    few = Vectors({"the": TABLE[1]}, 6, 7)
    more = Vectors({"the": TABLE[1], "film": TABLE[1]}, 6, 7)
    words = ["the", "film", "missing"]

    np.testing.assert_array_equal(matrix(few, words, 1), matrix(few, words, 1))
    assert (matrix(few, words, 1)[3:] != matrix(few, words, 2)[3:]).any()
    np.testing.assert_array_equal(matrix(few, words, 1)[4], matrix(more, words, 1)[4])


def test_nothing_of_this_needs_tensorflow_or_keras():
    code = "import sys, kcnn.weights.word2vec; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True)
