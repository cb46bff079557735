"""Frames of clips: which are seen when, in what kinds of files, at what cost."""

import subprocess
import sys
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kcnn.data.containers import container
from kcnn.data.files import frames_of
from kcnn.data.footage import scanned, stills
from kcnn.errors import DataError
from tests.films import CODECS, film, folder_of_frames, gif, numbered, numbers, retimed, trimmed, turned

KINDS = [".gif", *CODECS]


def seen(clip, first=0, count=None, channels=3):
    return list(clip.seen(first, clip.moments if count is None else count, channels))


# Kinds


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_of_every_kind_of_file_is_seen_in_order(tmp_path, kind):
    clip = scanned(film(tmp_path / f"a{kind}", numbered(20)), None)

    assert (clip.moments, clip.frames, clip.promised, clip.size) == (20, 20, 20, (24, 32))
    frames = seen(clip)
    assert {(frame.shape, frame.dtype) for frame in frames} == {((24, 32, 3), np.dtype(np.uint8))}
    assert numbers(frames) == list(range(20))


@pytest.mark.parametrize("kind", KINDS)
def test_red_is_the_first_channel_and_one_channel_is_the_luminance(tmp_path, kind):
    red = np.zeros((4, 32, 32, 3), np.uint8)
    red[..., 0] = 200
    red[:, 0, 0] = numbered(4)[:, 0, 0]  # a GIF has no two frames that are the same

    clip = scanned(film(tmp_path / f"a{kind}", red), None)

    np.testing.assert_allclose(seen(clip)[1].mean((0, 1)), [200, 0, 0], atol=6)
    (grey,) = seen(clip, 1, 1, channels=1)
    assert grey.shape == (32, 32, 1)
    assert grey.mean() == pytest.approx(0.299 * 200, abs=6)


def test_a_gif_s_frames_are_those_of_pillow(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (6, 9, 11, 3), np.uint8)
    path = gif(tmp_path / "a.gif", noise, [100] * 6)

    frames = seen(scanned(path, None))

    with Image.open(path) as image:
        for number, frame in enumerate(frames):
            image.seek(number)
            np.testing.assert_array_equal(frame, np.asarray(image.convert("RGB")))


def test_a_clip_that_was_filmed_with_a_turned_camera_is_upright(tmp_path):
    frames = np.zeros((3, 32, 64, 3), np.uint8)
    frames[:, :, :32] = 200  # bright on the left

    clip = scanned(turned(film(tmp_path / "a.mp4", frames)), None)

    assert clip.size == (64, 32)
    (frame,) = seen(clip, 1, 1)
    assert frame[:28].mean() > 180  # which is above, turned clockwise
    assert frame[36:].mean() < 20


def test_a_relative_name_with_a_colon_is_no_protocol(here):
    film(here / "film.mp4", numbered(5)).rename("12:30.mp4")

    clip = scanned(Path("12:30.mp4"), None)

    assert numbers(seen(clip)) == list(range(5))


def test_an_old_mov_does_not_say_what_it_is(tmp_path):
    path = film(tmp_path / "a.mov", numbered(5))
    path.write_bytes(path.read_bytes().replace(b"ftyp", b"free", 1))

    clip = scanned(path, None)

    assert container(path) is None
    assert numbers(seen(clip)) == list(range(5))


def test_a_video_is_known_by_its_content_or_by_its_suffix(tmp_path):
    path = film(tmp_path / "a.mp4", numbered(5)).rename(tmp_path / "a.bin")

    assert numbers(seen(scanned(path, None))) == list(range(5))


def test_of_a_clip_that_was_trimmed_without_being_cut_only_what_is_to_be_shown_is_seen(tmp_path):
    clip = scanned(trimmed(film(tmp_path / "a.mp4", numbered(20)), 700), None)

    assert (clip.moments, clip.frames, clip.promised) == (7, 7, 20)
    assert numbers(seen(clip)) == list(range(7))


# Folders of frames


def test_frames_of_a_folder_are_in_the_order_of_the_numbers_in_their_names(tmp_path):
    path = folder_of_frames(tmp_path / "a", numbered(12), "img_{}.png")
    (path / "notes.txt").write_text("no frame")
    (path / ".hidden.png").write_bytes(b"")

    clip = stills(path, frames_of(path))

    assert (clip.moments, clip.size) == (12, (24, 32))
    assert numbers(seen(clip)) == list(range(12))
    assert numbers(seen(clip, 3, 2)) == [3, 4]
    assert seen(clip, 0, 1, channels=1)[0].shape == (24, 32, 1)


def test_frames_of_several_sizes_are_refused(tmp_path):
    path = folder_of_frames(tmp_path / "a", numbered(3))
    Image.new("RGB", (30, 20)).save(path / "2.png")

    with pytest.raises(DataError) as refused:
        stills(path, frames_of(path))
    assert str(refused.value) == f"{path / '2.png'} (20 x 30 pixels where the clip's first frame has 24 x 32)"


@pytest.mark.parametrize(("content", "reason"), [(b"", "empty"), (b"text", "not an image"), (None, "damaged")])
def test_a_frame_that_cannot_be_read_is_named(tmp_path, content, reason):
    path = folder_of_frames(tmp_path / "a", numbered(3))
    frame = path / "3.png"
    frame.write_bytes(frame.read_bytes()[:40] if content is None else content)

    with pytest.raises(DataError, match=rf"3\.png \(.*{reason}\)"):
        stills(path, frames_of(path))


# Rates


def shown(times, rate):
    """By the definition: at each moment from the first frame to the last, the latest frame that has come."""
    times = np.array(times) - times[0]
    moments = np.arange(int(times[-1] * rate + 1e-6) + 1) / rate
    return [int(np.flatnonzero(times <= moment + 1e-6)[-1]) for moment in moments]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [1, 3, 5, 10, 12.5, 20])
def test_at_each_moment_what_is_shown_then_is_seen(tmp_path, kind, rate):
    clip = scanned(film(tmp_path / f"a{kind}", numbered(20), rate=10), rate)

    expected = shown(np.arange(20) / 10, rate)

    assert clip.moments == len(expected)
    assert numbers(seen(clip)) == expected


def test_times_that_a_file_rounds_do_not_shift_a_frame(tmp_path):
    """A third of a second is no whole number of Matroska's milliseconds."""
    clip = scanned(film(tmp_path / "a.mkv", numbered(25), rate=30), 30)

    assert numbers(seen(clip)) == list(range(25))


DURATIONS = [50, 400, 100, 100, 30, 20, 600, 50, 50, 200, 70, 90]


@pytest.mark.parametrize("rate", [2, 5, 10, 50])
def test_a_gif_s_frames_are_seen_for_as_long_as_each_is_shown(tmp_path, rate):
    clip = scanned(gif(tmp_path / "a.gif", numbered(12), DURATIONS), rate)

    times = np.concatenate([[0], np.cumsum(DURATIONS)[:-1]]) / 1000
    assert numbers(seen(clip)) == shown(times, rate)


@pytest.mark.parametrize("rate", [2, 5, 10, 50])
def test_a_video_of_a_variable_rate_is_seen_by_its_times(tmp_path, rate):
    path = film(tmp_path / "a.mp4", numbered(12), rate=10)

    clip = scanned(retimed(path, DURATIONS), rate)

    times = np.concatenate([[0], np.cumsum(DURATIONS)[:-1]]) / 1000
    assert numbers(seen(clip)) == shown(times, rate)


def test_a_gif_s_frame_without_a_duration_lasts_100_ms_as_in_browsers(tmp_path):
    clip = scanned(gif(tmp_path / "a.gif", numbered(4), [200, 0, 0, 200]), 10)

    assert numbers(seen(clip)) == [0, 0, 1, 2, 3]


@pytest.mark.parametrize("kind", [".gif", ".mp4", ".avi"])
@pytest.mark.parametrize("rate", [None, 4, 10, 25])
def test_any_stretch_is_a_part_of_the_whole(tmp_path, kind, rate):
    path = tmp_path / f"a{kind}"
    clip = scanned(gif(path, numbered(12), DURATIONS) if kind == ".gif" else film(path, numbered(12)), rate)
    whole = numbers(seen(clip))

    for first in range(clip.moments):
        for count in (1, 2, clip.moments - first):
            if first + count <= clip.moments:
                assert numbers(seen(clip, first, count)) == whole[first : first + count]


def test_a_single_frame_is_one_moment_at_any_rate(tmp_path):
    for rate in (None, 0.1, 10, 100):
        clip = scanned(film(tmp_path / "a.gif", numbered(3)[2:]), rate)
        assert (clip.moments, numbers(seen(clip))) == (1, [2])


def test_a_file_that_has_become_shorter_is_refused(tmp_path):
    path = film(tmp_path / "a.avi", numbered(20))
    clip = scanned(path, 5)
    film(path, numbered(7))

    assert numbers(seen(clip, 0, 3)) == [0, 2, 4]
    with pytest.raises(DataError, match=r"a\.avi \(fewer frames than when it was first read\)"):
        seen(clip, 2, 4)


# Cost


def peak(clip, first, count, channels=3):
    """Bytes of arrays while frames are handed out one at a time."""
    tracemalloc.start()
    for _ in clip.seen(first, count, channels):
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


READING = """
import resource, sys
from pathlib import Path
import numpy as np
from kcnn.data.footage import scanned
from kcnn.data.pipeline import training_batches
from kcnn.data.preprocessing import Preprocessing
from kcnn.data.stretches import VideoExamples, VideoPreparation

preparation = VideoPreparation(16, None, Preprocessing(32, 32, 3, "cover"))
for path in sys.argv[1:]:
    examples = VideoExamples([scanned(Path(path), None)], np.zeros(1, np.int64), preparation)
    list(training_batches(examples, 1, 0, 0, draw=examples.drawn))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
"""What a training does with each of some clips, one after the other, and the most memory it has had (KiB)."""


def test_memory_does_not_grow_with_the_length_of_a_clip(tmp_path):
    """Neither that of arrays nor that of FFmpeg."""
    short, long = (film(tmp_path / f"{count}.avi", numbered(count, (240, 320))) for count in (30, 400))

    done = subprocess.run(
        [sys.executable, "-c", READING, str(short), str(long)], check=True, capture_output=True, text=True
    )

    few, many = (int(line) << 10 for line in done.stdout.split())
    assert many - few < 60 * 240 * 320 * 3


def test_frames_of_4k_are_held_one_at_a_time(tmp_path):
    clip = scanned(film(tmp_path / "a.avi", numbered(8, (2160, 3840))), None)

    assert clip.size == (2160, 3840)
    assert peak(clip, 0, 8) < 3.5 * 2160 * 3840 * 3


def test_only_what_is_seen_is_made_a_picture_of(tmp_path, monkeypatch):
    clip = scanned(film(tmp_path / "a.avi", numbered(20)), 2)
    made, convert = [], cv2.cvtColor
    monkeypatch.setattr(cv2, "cvtColor", lambda *given: made.append(1) or convert(*given))

    assert numbers(seen(clip, 1, 3)) == [5, 10, 15]
    assert len(made) == 3
