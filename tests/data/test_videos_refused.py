"""All that can be wrong with folders of clips, and that what is left after skipping is right."""

import shutil

import numpy as np
import pytest

from kcnn.data import address
from kcnn.errors import DataError, InputError
from kcnn.recipes.video import Video
from tests.films import audio_avi, film, folder_of_frames, numbered, numbers, trimmed


def load(folder, **options):
    return address.load(Video(**{"source": str(folder), "frames": 4} | options))


BAD = {
    "empty": ("5.webm", lambda content: b"", "empty"),
    "text": ("1.mp4", lambda content: b"I am a text", "not a video"),
    "sound": ("2.avi", lambda content: audio_avi(), "sound without pictures"),
    "truncated": ("2.avi", lambda content: content[:-600], "cut short: "),
    "gif without its end": ("0.gif", lambda content: content[:-20], "cut short: "),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_clip_is_refused_by_name_and_reason(films, fault):
    name, spoil, reason = BAD[fault]
    path = films / "darker" / name
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(DataError) as refused:
        load(films)
    message = str(refused.value)
    assert message.startswith(f"1 clip cannot be used: {path} ({reason}")
    assert message.endswith("; data.bad_files=skip leaves them out")
    assert "\n" not in message


def test_bad_clips_can_be_left_out_and_are_counted_and_named(films):
    (films / "darker" / "1.mp4").write_bytes(b"no")
    (films / "brighter" / "3" / "2.png").write_bytes(b"no")

    source = load(films, bad_files="skip")

    assert sum(source.counts.values()) == 18
    (note,) = source.notes
    assert note.startswith("left out 2 clips: ")
    assert "1.mp4 (not a video)" in note
    assert "2.png (not an image)" in note


def test_what_is_left_after_skipping_is_the_right_clip_with_the_right_label(films):
    for path in (films / "darker" / "0.gif", films / "brighter" / "8.avi"):
        path.write_bytes(b"")

    source = load(films, bad_files="skip", validation=0.0)

    for part in source.splits.values():
        assert [clip.path.parent.name for clip in part.clips] == [source.classes[label] for label in part.labels]
        for sign, stretch in zip(1 - 2 * part.labels, part.inputs(np.arange(len(part))), strict=True):
            assert (np.diff(numbers(stretch)) == sign).all()


def test_clips_of_several_sizes_need_a_size_to_be_brought_to(films):
    path = film(films / "darker" / "2.avi", numbered(8, (48, 48)))

    with pytest.raises(DataError) as refused:
        load(films)
    assert f"1 clip cannot be used: {path} (48 x 48 pixels where the first has 24 x 32: set data.size)" in str(
        refused.value
    )
    assert load(films, size=(24, 24)).counts == {"train": 14, "val": 2, "test": 4}
    assert sum(load(films, bad_files="skip").counts.values()) == 19


def test_a_clip_of_one_frame_stands_still_and_is_noted(films):
    path = film(films / "darker" / "0.gif", numbered(3)[2:])

    source = load(films)

    assert sum(source.counts.values()) == 20
    assert source.notes == (f"1 clip of which one frame is seen, which goes on: {path}",)
    (stretch,) = (
        part.inputs(np.array([index]))[0]
        for part in source.splits.values()
        for index, clip in enumerate(part.clips)
        if clip.path == path
    )
    assert numbers(stretch) == [2, 2, 2, 2]


def test_a_clip_that_hides_frames_is_noted(films):
    path = trimmed(film(films / "darker" / "1.mp4", numbered(12)), 700)

    (note,) = load(films).notes
    assert note == f"1 clip of which not every frame can be decoded or is shown: {path} (7 of 12)"


def test_a_class_whose_clips_are_all_bad_is_refused_even_when_skipping(films):
    shutil.rmtree(films / "darker")
    for number in range(5):
        (films / "darker").mkdir(exist_ok=True)
        (films / "darker" / f"{number}.mp4").write_bytes(b"no")

    with pytest.raises(DataError, match="no training clips are left of darker"):
        load(films, bad_files="skip")


def test_where_no_clip_can_be_read_all_are_named(tmp_path):
    for label in ("one", "two"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "a.mp4").write_bytes(b"")

    with pytest.raises(DataError, match=r"2 clips cannot be used: .*a\.mp4 \(empty\), .*a\.mp4 \(empty\);"):
        load(tmp_path)
    with pytest.raises(DataError, match="no clips are left in train"):
        load(tmp_path, bad_files="skip")


def test_a_class_without_clips_and_a_single_class_are_refused(films):
    shutil.rmtree(films / "brighter")
    with pytest.raises(DataError, match="has only the class 'darker': at least two folders of clips are needed"):
        load(films)
    folder_of_frames(films / "brighter", numbered(3))
    with pytest.raises(DataError, match=r"brighter has no clips \(\.avi, \.gif, \.m4v, \.mkv, \.mov, \.mp4, \.webm\)"):
        load(films)


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("no/where", DataError, "no/where is not there"),
        ("motion", InputError, "unknown source of clips 'motion': did you mean 'motions'?"),
        ("tfds:ucf101", InputError, "data.source must be motions, shapes or a folder of clips, got 'tfds:ucf101'"),
    ],
)
def test_an_address_that_names_nothing_is_refused_before_tensorflow(source, kind, message):
    with pytest.raises(kind) as refused:
        address.check(Video(source=source))
    assert message in str(refused.value)


def test_a_file_is_no_folder(tmp_path):
    path = film(tmp_path / "a.gif", numbered(3))

    with pytest.raises(DataError, match=r"a\.gif is a file, not a folder of classes"):
        address.check(Video(source=str(path)))
