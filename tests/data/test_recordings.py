"""Folders of recordings, each way to set some aside, and what a classifier learns from."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from kcnn.data import address
from kcnn.errors import InputError
from kcnn.recipes.audio import Audio
from tests.waves import PITCHES, SPEAKERS


def load(folder, progress=None, **options):
    return address.load(Audio(**{"source": str(folder), "seconds": 0.2} | options), progress)


def names(source):
    """The files of each split by what they are called."""
    return {split: [item.stem for item in part.items] for split, part in source.splits.items()}


def speakers(files):
    return {name.split("_")[1] for name in files}


def numbers(files):
    return {int(name.split("_")[2]) for name in files}


# Splits


def test_a_folder_in_one_piece_gives_a_fifth_of_each_class_to_test_and_a_tenth_of_the_rest_to_val(spoken):
    source = load(spoken)

    assert source.counts == {"train": 28, "val": 4, "test": 8}
    assert (source.choosing, source.classes) == ("val", ("high", "low"))
    assert {split: np.bincount(part.labels).tolist() for split, part in source.splits.items()} == {
        "train": [14, 14],
        "val": [2, 2],
        "test": [4, 4],
    }


@pytest.mark.parametrize(
    "options",
    [{}, {"test": "first", "first": 3}, {"test": "speakers", "speakers": ("bob",)}, {"validation": 0.0}],
)
def test_every_recording_is_in_one_split_with_the_label_of_its_folder(spoken, options):
    source = load(spoken, **options)

    files = [name for part in names(source).values() for name in part]
    assert sorted(files) == sorted(path.stem for path in spoken.rglob("*.wav"))
    for part in source.splits.values():
        assert [item.parent.name for item in part.items] == [source.classes[label] for label in part.labels]


def test_the_first_numbers_are_set_aside_of_every_class_and_speaker(spoken):
    parts = names(load(spoken, test="first", first=3))

    assert len(parts["test"]) == 3 * 2 * 2
    assert numbers(parts["test"]) == {0, 1, 2}
    assert speakers(parts["test"]) == set(SPEAKERS)
    assert numbers(parts["train"]) | numbers(parts["val"]) == set(range(3, 10))


def test_a_speaker_that_is_set_aside_is_in_no_other_split(spoken):
    parts = names(load(spoken, test="speakers", speakers=("bob",)))

    assert {split: speakers(files) for split, files in parts.items()} == {
        "train": {"ann"},
        "val": {"ann"},
        "test": {"bob"},
    }
    assert len(parts["test"]) == 20


def test_another_seed_draws_another_part(spoken):
    one, again, other = (names(load(spoken, split_seed=seed)) for seed in (0, 0, 1))

    assert one == again
    assert one != other


def test_the_users_own_splits_are_taken_as_they_are(spoken, tmp_path):
    for split, count in (("train", 6), ("val", 3), ("test", 2)):
        for label in PITCHES:
            (tmp_path / split / label).mkdir(parents=True)
            for number in range(count):
                shutil.copy(spoken / label / f"{label}_ann_{number}.wav", tmp_path / split / label)

    source = load(tmp_path)

    assert (source.counts, source.choosing) == ({"train": 12, "val": 6, "test": 4}, "val")
    with pytest.raises(
        InputError, match=r"data\.test=first cuts .* in one piece, and .* has a train of its own: data\.test=dr"
    ):
        load(tmp_path, test="first")


def test_without_test_choices_are_made_on_a_part_of_train(spoken, tmp_path):
    for split in ("train", "val"):
        shutil.copytree(spoken, tmp_path / split)

    source = load(tmp_path)

    assert (source.counts, source.choosing) == ({"train": 36, "holdout": 4, "val": 40}, "holdout")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test": "speakers", "speakers": ("eve",)}, "data.speakers must be of ann, bob, got 'eve'"),
        ({"test": "speakers", "speakers": ("ann", "bob")}, "data.test=speakers leaves no recordings in train"),
        ({"test": "first", "first": 10}, "data.test=first leaves no recordings in train"),
        ({"test": "first", "pattern": "(?P<speaker>.*)x(?P<number>.*)"}, "data.pattern finds no speaker and number in"),
        (
            {"task": "autoregression", "conditions": ("speaker",), "pattern": "(?P<speaker>b.*)_(?P<number>.*)"},
            "data.pattern finds no speaker and number in 'high_ann_",
        ),
    ],
)
def test_splits_and_conditions_that_cannot_be_are_refused(spoken, options, message):
    with pytest.raises(InputError) as refused:
        load(spoken, **options)
    assert message in str(refused.value)


def test_no_number_below_the_first_leaves_no_test(own):
    for path in own.rglob("*_0.wav"):
        path.unlink()

    with pytest.raises(InputError, match="data.test=first leaves no recordings in test"):
        load(own, test="first", first=1)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<number>[^_]+)_(?P<speaker>[^_]+)_\d+",  # a word
        r"[^_]+_(?P<speaker>[^_]+)_\d+(?P<number>x)?",  # nothing
        r"(?P<speaker>x)?[^_]+_[^_]+_(?P<number>\d+)",
    ],
)
def test_a_speaker_without_a_name_and_a_number_that_is_none_are_refused_in_words(spoken, pattern):
    with pytest.raises(InputError, match=r"data\.pattern finds no speaker and number in 'high_ann_0', .*=drawn needs"):
        load(spoken, test="first", pattern=pattern)


def test_a_speaker_who_is_told_has_to_be_found(spoken):
    with pytest.raises(
        InputError, match=r"no speaker and number in 'h.* data\.conditions without the speaker needs none"
    ):
        load(spoken, task="autoregression", conditions=("speaker",), pattern="(?P<speaker>x)(?P<number>y)")


def test_names_are_not_looked_at_where_nothing_asks_for_them(own):
    (own / "low" / "low_ann_3.wav").rename(own / "low" / "whatever.wav")

    assert sum(load(own).counts.values()) == 40


# What a classifier learns from


def test_every_recording_is_heard_as_its_file_is_prepared(spoken):
    source = load(spoken)

    for part in source.splits.values():
        assert (part.waveforms.shape, part.waveforms.dtype) == ((len(part), 1600), np.float32)
        for index in (0, len(part) - 1):
            heard = source.preprocessing.waveform(tf.constant(part.encoded(index)))
            np.testing.assert_allclose(part.waveforms[index], source.preprocessing.fitted(heard), atol=1e-6)
        np.testing.assert_array_equal(part.inputs(np.array([2, 0])), part.waveforms[[2, 0]])
        np.testing.assert_array_equal(part.truth(np.array([2, 0])), part.labels[[2, 0]])


def test_whatever_the_file_was_written_as_the_pitch_is_heard_at_its_frequency(spoken):
    source = load(spoken, trim=None, seconds=0.3)
    frequencies = np.fft.rfftfreq(2400, 1 / 8000)

    for part in source.splits.values():
        for item, waveform in zip(part.items, part.waveforms, strict=True):
            label, speaker, _ = item.stem.split("_")
            loudest = frequencies[np.abs(np.fft.rfft(waveform)).argmax()]
            assert loudest == pytest.approx(PITCHES[label] * SPEAKERS[speaker], abs=4)


def test_a_network_is_told_the_rate_and_its_size_by_the_data(spoken):
    source = load(spoken, rate=4000)

    assert source.options == {"rate": 4000}
    assert (source.example_shape, source.typical_shape) == ((800,), (800,))
    assert source.splits["train"].signature[0].shape == (None, 800)


def test_some_are_spread_over_all(spoken):
    part = load(spoken).splits["train"]

    few = part.some(3)

    assert [item.stem for item in few.items] == [part.items[index].stem for index in (0, 14, 27)]  # 13.5 is even at 14
    np.testing.assert_array_equal(few.waveforms, part.waveforms[[0, 14, 27]])
    np.testing.assert_array_equal(few.labels, part.labels[[0, 14, 27]])
    assert len(part.some(99)) == len(part)


# What is the same, and what is not


def test_the_fingerprint_does_not_depend_on_where_the_folder_lies(spoken, own):
    assert load(own).fingerprint == load(spoken).fingerprint


def test_the_fingerprint_sees_a_changed_sample_a_name_and_another_split(spoken, own):
    one = load(own)
    path = own / "high" / "high_ann_5.wav"
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    changed = load(own)
    (own / "low").rename(own / "lower")

    prints = {one.fingerprint, changed.fingerprint, load(own).fingerprint, load(spoken, split_seed=1).fingerprint}

    assert len(prints) == 4


def test_progress_is_told_until_all_are_read(spoken, monkeypatch):
    told = []

    load(spoken, lambda done, total: told.append((done, total)))

    assert told[-1] == (40, 40)
    assert all(total == 40 for _, total in told)


# Real


@pytest.mark.data
def test_the_standard_split_of_the_free_spoken_digits_is_recordings_0_to_4(data):
    """Six speakers, ten digits, 50 recordings of each: the README of the data sets 0 to 4 of each aside."""
    source = load("tfds:spoken_digit", test="first", seconds=1.0)

    assert source.counts == {"train": 2430, "val": 270, "test": 300}
    assert source.classes == tuple("0123456789")
    for part, each in ((source.splits["test"], 30), (source.splits["val"], 27)):
        assert np.bincount(part.labels).tolist() == [each] * 10
    digests = [digest for part in source.digests.values() for digest in part]
    assert len(set(digests)) >= 2990


@pytest.mark.data
@pytest.mark.slow
def test_the_speakers_of_the_free_spoken_digits_are_told_or_can_be_set_aside(data):
    told = load("tfds:spoken_digit", task="autoregression", conditions=("class", "speaker"), test="first")
    aside = load("tfds:spoken_digit", task="autoregression", test="speakers", speakers=("theo",))

    names = told.preprocessing.told
    assert names["speaker"] == ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
    assert names["class"] == tuple("0123456789")
    for part in told.splits.values():
        assert set(part.conditions["speaker"]) == set(range(6))
    assert aside.counts["train"] + aside.counts["val"] >= 2500
    assert aside.counts["test"] >= 500
