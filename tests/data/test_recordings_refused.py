"""All that can be wrong with recordings, and that what is left after skipping is right."""

import shutil

import numpy as np
import pytest

from kcnn.data import address
from kcnn.data.files import WAV_SUFFIXES
from kcnn.errors import DataError, InputError
from kcnn.recipes.audio import Audio
from tests.waves import chunk, form, riff, tone, wav


def load(folder, **options):
    return address.load(Audio(**{"source": str(folder), "seconds": 0.2} | options))


BAD = {
    "text": (b"I am a text", "not a WAV file"),
    "empty": (b"", "not a WAV file"),
    "truncated": (wav(tone(300, 0.1, 8000))[:-20], "cut short: its header promises more than there is"),
    "silent": (wav(np.zeros(800)), "silent"),
    "constant": (wav(np.full(800, 0.3)), "silent"),
    "nan": (wav(np.full(800, np.nan), kind="f32"), "with samples that are not finite"),
    "no samples": (riff(chunk(b"fmt ", form(1, 1, 8000, 16)), chunk(b"data", b"")), "without samples"),
    "compressed": (riff(chunk(b"fmt ", form(85, 1, 8000, 16)), chunk(b"data", b"123")), "tag 85, 16 bits"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_file_is_refused_by_name_and_reason(own, fault):
    content, reason = BAD[fault]
    path = own / "low" / "low_bob_4.wav"
    path.write_bytes(content)

    with pytest.raises(DataError) as refused:
        load(own)
    message = str(refused.value)
    assert message.startswith(f"1 recording cannot be used: {path} (")
    assert reason in message
    assert message.endswith("; data.bad_files=skip leaves them out")
    assert "\n" not in message


def test_what_is_called_a_recording_and_is_no_file_is_passed_over(own):
    path = own / "low" / "low_bob_4.wav"
    path.unlink()
    path.symlink_to("nowhere.wav")
    (own / "low" / "folder.wav").mkdir()

    assert sum(load(own).counts.values()) == 39


@pytest.mark.parametrize("task", ["classification", "autoregression"])
def test_bad_files_can_be_left_out_and_are_counted_and_named(own, task):
    for number, (content, _) in enumerate(BAD.values()):
        (own / "low" / f"low_bob_{number}.wav").write_bytes(content)

    source = load(own, bad_files="skip", task=task, seconds=1.0)

    assert sum(source.counts.values()) == 40 - len(BAD)
    (note,) = source.notes
    assert note.startswith(f"left out {len(BAD)} recordings: ")
    assert "low_bob_" in note


def test_what_is_left_after_skipping_is_the_right_recording_with_the_right_label(own):
    whole = load(own, validation=0.0)
    for path in (own / "high" / "high_ann_0.wav", own / "low" / "low_bob_9.wav"):
        path.write_bytes(b"")

    left = load(own, validation=0.0, bad_files="skip")

    expected = {
        item.stem: (waveform, label)
        for part in whole.splits.values()
        for item, waveform, label in zip(part.items, part.waveforms, part.labels, strict=True)
    }
    for part in left.splits.values():
        for item, waveform, label in zip(part.items, part.waveforms, part.labels, strict=True):
            np.testing.assert_array_equal(waveform, expected[item.stem][0])
            assert label == expected[item.stem][1]


def test_a_class_whose_recordings_are_all_bad_is_refused_even_when_skipping(own):
    for path in (own / "low").iterdir():
        path.write_bytes(b"no")

    with pytest.raises(DataError, match="no training recordings are left of low"):
        load(own, bad_files="skip")


def test_a_split_whose_recordings_are_all_bad_is_refused_even_when_skipping(own):
    for path in own.rglob("*_0.wav"):
        path.write_bytes(b"no")

    with pytest.raises(DataError, match="no recordings are left in test"):
        load(own, bad_files="skip", test="first", first=1)


def test_a_class_without_recordings_and_a_single_class_are_refused(own):
    shutil.rmtree(own / "high")
    with pytest.raises(DataError, match="has only the class 'low': at least two folders of recordings are needed"):
        load(own)
    (own / "high").mkdir()
    with pytest.raises(DataError, match=r"high has no recordings \(\.wav\)"):
        load(own)


def test_what_is_no_recording_by_its_suffix_is_named_in_a_note(own):
    (own / "low" / "notes.txt").write_text("recorded on Monday")
    (own / "low" / "low_bob_3.wav").rename(own / "low" / "low_bob_3.WAV")

    source = load(own)

    assert sum(source.counts.values()) == 40
    assert source.notes == (f"{own}: 1 files are not recordings by their suffix and were left out",)
    assert {".wav"} == WAV_SUFFIXES


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("no/where", DataError, "no/where is not there"),
        ("tfds:", InputError, "data.source must name a dataset after tfds:, for example tfds:spoken_digit"),
    ],
)
def test_an_address_that_names_nothing_is_refused_before_tensorflow(source, kind, message):
    with pytest.raises(kind) as refused:
        address.check(Audio(source=source))
    assert message in str(refused.value)


def test_an_address_is_valid_from_every_folder(spoken, monkeypatch):
    monkeypatch.chdir(spoken.parent)

    assert address.absolute(Audio(source="words")) == str(spoken)
    assert address.absolute(Audio(source="tfds:spoken_digit")) == "tfds:spoken_digit"
