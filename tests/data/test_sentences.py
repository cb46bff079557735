"""Labelled sentences as users have them, as a source, with everything that can be wrong in them."""

import hashlib
import time

import numpy as np
import pytest
import tensorflow as tf

from kcnn.data.pipeline import evaluation_batches, training_batches
from kcnn.data.sentences import fold, load
from kcnn.errors import DataError, InputError
from kcnn.recipes.text import Text

GOOD = [f"a good film number {index} ." for index in range(20)]
BAD = [f"it 's a bad movie , number {index} !" for index in range(20, 32)]


def write(path, sentences):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{sentence}\n" for sentence in sentences), "utf-8")
    return path


@pytest.fixture
def reviews(tmp_path):
    """Twenty good ones and twelve bad ones."""
    write(tmp_path / "reviews" / "rt.pos", GOOD)
    write(tmp_path / "reviews" / "rt.neg", BAD)
    return tmp_path / "reviews"


@pytest.fixture
def divided(tmp_path):
    """Sentences with splits of their own."""
    for split, part in (("train", slice(0, 8)), ("test", slice(8, 12))):
        write(tmp_path / "divided" / split / "pos.txt", GOOD[part])
        write(tmp_path / "divided" / split / "neg.txt", BAD[part])
    return tmp_path / "divided"


def source_of(path, **options):
    return load(Text(source=str(path), **options))


def every(source):
    return [text for part in source.splits.values() for text in part.texts]


def test_a_folder_in_one_piece_is_split_into_train_val_and_test(reviews):
    source = source_of(reviews)

    assert source.classes == ("neg", "pos")
    assert source.counts == {"train": 23, "val": 3, "test": 6}
    assert source.choosing == "val"
    assert sorted(every(source)) == sorted([*GOOD, *BAD])
    assert (source.example_shape, source.notes) == ((None,), ())


def test_what_leaves_nothing_to_set_aside_as_test_is_refused(tmp_path):
    for name, texts in (("rt.pos", GOOD), ("rt.neg", BAD)):
        write(tmp_path / name, texts[:2])

    with pytest.raises(DataError, match="none of 4 texts can be set aside as test: that takes three of a class$"):
        source_of(tmp_path)

    write(tmp_path / "rt.neg", BAD[:3])
    assert source_of(tmp_path).counts["test"] == 1


@pytest.mark.parametrize(
    ("given", "counts", "choosing"),
    [
        (("train", "val"), {"train": 28, "holdout": 4, "val": 32}, "holdout"),
        (("train", "test"), {"train": 28, "val": 4, "test": 32}, "val"),
        (("train", "val", "test"), {"train": 32, "val": 32, "test": 32}, "val"),
    ],
)
@pytest.mark.parametrize("table", [False, True])
def test_the_user_s_splits_are_kept(tmp_path, given, counts, choosing, table):
    for split in given:
        if table:
            rows = [f'"{text}",{label}' for label, texts in (("pos", GOOD), ("neg", BAD)) for text in texts]
            write(tmp_path / f"{split}.csv", ["text,label", *rows])
        else:
            write(tmp_path / split / "pos.txt", GOOD)
            write(tmp_path / split / "neg.txt", BAD)
    source = source_of(tmp_path, validation=0.125)

    assert (source.counts, source.choosing) == (counts, choosing)
    assert source.classes == ("neg", "pos")


def test_a_text_has_the_label_of_its_file_and_the_numbers_of_its_words(reviews):
    source = source_of(reviews)

    for part in source.splits.values():
        for index, text in enumerate(part.texts):
            assert source.classes[part.labels[index]] == ("pos" if text in GOOD else "neg")
            words = part.preparation.numbers(tf.constant([text])).numpy()[0]
            np.testing.assert_array_equal(part.inputs(np.array([index]))[0, : len(words)], words)
            assert part.lengths[index] == np.count_nonzero(words)


def test_the_vocabulary_is_that_of_train_alone_without_what_is_held_out(reviews):
    source = source_of(reviews)
    told = {word for text in source.splits["train"].texts for word in text.split()}

    assert set(source.preprocessing.words) == told
    assert source.preprocessing.words[:2] == ("a", "number")
    assert source.options == {"vocabulary": len(told) + 2}
    assert source.preprocessing.longest == 9
    assert any((part.numbers == 1).any() for name, part in source.splits.items() if name != "train")
    assert not (source.splits["train"].numbers == 1).any()


def test_rare_words_are_unknown(reviews):
    source = source_of(reviews, min_count=2)

    assert "number" in source.preprocessing.words
    assert not any(word.isdecimal() for word in source.preprocessing.words)
    assert (source.splits["train"].numbers == 1).sum() == len(source.splits["train"])


def test_a_vocabulary_without_a_word_is_refused(reviews):
    with pytest.raises(InputError, match="data.min_count=99 leaves no word"):
        source_of(reviews, min_count=99)


def test_classes_that_are_numbers_are_ordered_by_value(tmp_path):
    write(tmp_path / "all.csv", ["text,label", *(f"word,{label}" for label in (10, 9, 1) for _ in range(3))])

    assert source_of(tmp_path / "all.csv").classes == ("1", "9", "10")


def test_folds_are_disjoint_and_cover_all_with_equal_shares_of_every_class(reviews):
    sources = [source_of(reviews, folds=5, fold=number) for number in range(5)]
    tests = [source.splits["test"] for source in sources]

    assert sorted(text for test in tests for text in test.texts) == sorted([*GOOD, *BAD])
    assert {len(test) for test in tests} == {6, 7}
    assert {int(test.labels.sum()) for test in tests} == {4}
    for source in sources:
        assert sorted(every(source)) == sorted([*GOOD, *BAD])
        assert list(source.counts) == ["train", "val", "test"]


def test_folds_are_drawn_with_the_seed(reviews):
    def test_of(seed):
        return source_of(reviews, folds=5, split_seed=seed).splits["test"].texts

    assert test_of(0) == test_of(0)
    assert test_of(0) != test_of(1)


@pytest.mark.parametrize("sizes", [(2, 2), (3, 5, 7), (100, 1001, 12)])
@pytest.mark.parametrize("folds", [2, 3, 10])
def test_folds_differ_by_one_at_most(sizes, folds):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    parts = [fold(labels, folds, number, 3) for number in range(folds)]

    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(len(labels)))
    counts = np.array([[np.sum(labels[part] == label) for label in range(len(sizes))] for part in parts])
    assert np.ptp(counts, axis=0).max() <= 1
    assert np.ptp(counts.sum(1)) <= 1


def test_more_folds_than_texts_are_refused(reviews):
    with pytest.raises(InputError, match="data.folds must be at most the number of texts, 32, got 33"):
        source_of(reviews, folds=33)


def test_folds_of_texts_with_splits_are_refused(divided):
    with pytest.raises(InputError, match="data.folds cuts texts in one piece, and .* has a train of its own"):
        source_of(divided, folds=2)


FAULTS = {
    "empty": (b"\n", r"rt.neg:13 \(an empty text\)"),
    "byte": (b"caf\xe9\n", r"rt.neg:13 \(byte 0xe9 is not utf-8; data.encoding=latin-1 is a possibility\)"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_by_file_and_line(reviews, fault):
    content, reason = FAULTS[fault]
    with (reviews / "rt.neg").open("ab") as file:
        file.write(content)

    with pytest.raises(DataError, match=f"1 text cannot be used: .*{reason}; data.bad_files=skip") as refused:
        source_of(reviews)
    assert refused.value.exit_code == 3
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_can_be_left_out_and_is_noted(reviews, fault):
    with (reviews / "rt.neg").open("ab") as file:
        file.write(FAULTS[fault][0])
    source = source_of(reviews, bad_files="skip")

    assert sorted(every(source)) == sorted([*GOOD, *BAD])
    assert len(source.notes) == 1
    assert source.notes[0].startswith("left out 1 text: ")


def test_five_faults_are_named_and_all_are_counted(reviews):
    write(reviews / "rt.neg", [*BAD, *[""] * 7])

    with pytest.raises(DataError, match=r"7 texts cannot be used: .*rt.neg:17 \(an empty text\) and 2 more; data.bad_"):
        source_of(reviews)


def test_a_class_of_one_text_is_a_fault(tmp_path):
    path = write(tmp_path / "all.csv", ["text,label", *["good,pos", "bad,neg"] * 3, "well,pso"])

    with pytest.raises(DataError, match=r"all.csv:8 \(there is only one text of the class 'pso'\)"):
        source_of(path)
    assert source_of(path, bad_files="skip").classes == ("neg", "pos")


def test_a_class_that_train_lacks_is_a_fault(divided):
    write(divided / "test" / "neutral.txt", ["well"])

    with pytest.raises(DataError, match=r"test/neutral.txt:1 \(train has no text of the class 'neutral'\)"):
        source_of(divided)
    source = source_of(divided, bad_files="skip")
    assert (source.classes, source.counts["test"]) == (("neg", "pos"), 8)


def test_one_class_is_refused(tmp_path):
    path = write(tmp_path / "all.csv", ["text,label", *["good,pos"] * 3])

    with pytest.raises(DataError, match="all.csv has only the class 'pos': at least two are needed"):
        source_of(path)


def test_a_column_of_all_different_labels_is_refused(tmp_path):
    path = write(tmp_path / "all.csv", ["text,label", "good,1", "bad,2"])

    with pytest.raises(DataError, match="all.csv has no class with two texts: at least two are needed"):
        source_of(path, bad_files="skip")


def test_a_split_without_a_text_is_refused(divided):
    for name in ("pos.txt", "neg.txt"):
        (divided / "test" / name).write_bytes(b"")

    with pytest.raises(DataError, match="no texts are left in test"):
        source_of(divided, bad_files="skip")


def test_texts_without_a_known_word_are_counted_and_kept(divided):
    write(divided / "test" / "neg.txt", ["lamentable", "qué lástima"])
    source = source_of(divided, validation=0)

    assert source.counts == {"train": 16, "test": 6}
    assert source.notes == (f"{divided}: 2 texts of test have no word that train has",)


def test_texts_of_test_that_are_in_train_are_counted_and_kept(divided):
    write(divided / "test" / "pos.txt", [GOOD[0], GOOD[11]])
    source = source_of(divided, validation=0)

    assert source.counts["test"] == 6
    assert source.notes == (f"{divided}: 1 text of test is in train, too",)


def test_a_listener_hears_how_far_the_reading_is(reviews):
    heard = []
    load(Text(source=str(reviews)), lambda done, total: heard.append((done, total)))

    assert heard == [(23, 32), (26, 32), (32, 32)]


def test_the_fingerprint_is_of_content_not_of_place(reviews, tmp_path):
    before = source_of(reviews).fingerprint
    reviews.rename(tmp_path / "elsewhere")

    assert source_of(tmp_path / "elsewhere").fingerprint == before


def test_the_fingerprint_sees_one_changed_letter_and_a_changed_label(reviews):
    before = source_of(reviews)
    write(reviews / "rt.neg", [*BAD[:-1], BAD[-1].upper()])
    after = source_of(reviews)
    write(reviews / "rt.neg", BAD[:-1])
    write(reviews / "rt.pos", [*GOOD, BAD[-1]])

    assert len({before.fingerprint, after.fingerprint, source_of(reviews).fingerprint}) == 3
    assert before.digests["train"][0] == hashlib.sha256(before.splits["train"].texts[0].encode()).digest()


def test_a_batch_is_padded_to_its_longest_and_that_to_a_multiple_of_8(tmp_path):
    write(tmp_path / "pos", ["one", "one two three", "w " * 8, "w " * 9])
    write(tmp_path / "neg", ["one"] * 4)
    part = source_of(tmp_path, validation=0).splits["train"]
    order = np.argsort(part.lengths, kind="stable")

    assert part.inputs(order[:1]).shape == (1, 8)
    for count in range(1, len(part) + 1):
        batch = part.inputs(order[:count])
        assert batch.dtype == np.int32
        assert batch.shape == (count, -(-max(5, part.lengths[order[count - 1]]) // 8) * 8)
        np.testing.assert_array_equal((batch > 0).sum(1), part.lengths[order[:count]])


def test_the_pipeline_gives_every_text_once_in_batches_of_about_one_length(reviews):
    part = source_of(reviews, validation=0).splits["train"]
    batches = list(training_batches(part, 5, seed=1, epoch=0))
    numbers, labels, weights = batches[0]

    assert (numbers.dtype, labels.dtype, weights.dtype) == (tf.int32, tf.int64, tf.float32)
    assert sum(len(labels) for _, labels, _ in batches) == len(part)
    seen = np.concatenate([labels for _, labels, _ in batches])
    assert seen.sum() == part.labels.sum()
    in_order = np.concatenate([labels[weights > 0] for _, labels, weights in evaluation_batches(part, 5)])
    np.testing.assert_array_equal(in_order, part.labels)


def test_some_examples_are_spread_over_all_and_keep_their_words(reviews):
    part = source_of(reviews).splits["train"]
    some = part.some(4)

    places = [part.texts.index(text) for text in some.texts]
    assert (len(some), places[0], places[-1]) == (4, 0, len(part) - 1)
    np.testing.assert_array_equal(some.labels, part.labels[places])
    for index, place in enumerate(places):
        np.testing.assert_array_equal(some.inputs(np.array([index])), part.inputs(np.array([place])))
    assert len(part.some(1000)) == len(part)


@pytest.mark.data
def test_ten_folds_of_the_sentences_are_disjoint_and_cover_all(data):
    sources = [source_of(data / "rotten_tomatoes", folds=10, fold=number) for number in range(10)]
    tests = [source.splits["test"] for source in sources]

    assert sources[0].classes == ("neg", "pos")
    assert {sum(source.counts.values()) for source in sources} == {10_662}
    assert sorted(len(test) for test in tests) == [1066] * 8 + [1067] * 2
    assert {int(np.sum(test.labels == label)) for test in tests for label in (0, 1)} == {533, 534}
    assert sum(int(test.labels.sum()) for test in tests) == 5_331
    digests = [digest for source in sources for digest in source.digests["test"]]
    assert sorted(digests) == sorted(digest for part in sources[0].digests.values() for digest in part)


@pytest.mark.data
def test_the_sentences_in_latin_1_are_refused_as_utf_8_by_file_and_line(data, tmp_path):
    for file in (data / "rotten_tomatoes").glob("rt-polarity.*"):
        (tmp_path / file.name).write_bytes(file.read_text("utf-8").encode("latin-1", "replace"))

    with pytest.raises(DataError, match=r"texts cannot be used: .*rt-polarity.neg:\d+ \(byte 0xe9 is not utf-8; data."):
        source_of(tmp_path)
    assert sum(source_of(tmp_path, encoding="latin-1").counts.values()) == 10_662


@pytest.mark.data
def test_ten_thousand_sentences_are_read_in_under_three_seconds(data):
    start = time.perf_counter()
    source_of(data / "rotten_tomatoes")

    assert time.perf_counter() - start < 3
