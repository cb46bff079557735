"""What is wrong with a video file, in words."""

import struct

import numpy as np
import pytest
from PIL import Image

from kcnn.data.containers import container, cut_short, unreadable
from kcnn.data.footage import scanned
from kcnn.errors import DataError
from tests.films import CODECS, audio_avi, blanked, film, lingering, numbered, numbers
from tests.waves import tone, wav

KINDS = [".gif", *CODECS]


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    return {kind: film(folder / f"a{kind}", numbered(20)).read_bytes() for kind in KINDS}


@pytest.mark.parametrize(
    ("kind", "name"),
    [(".gif", "gif"), (".mp4", "mp4"), (".mov", "mp4"), (".avi", "avi"), (".mkv", "mkv"), (".webm", "mkv")],
)
def test_a_container_is_known_by_its_content(films, tmp_path, kind, name):
    path = tmp_path / "file.bin"
    path.write_bytes(films[kind])

    assert container(path) == name
    assert not cut_short(path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.999])
def test_a_file_that_was_cut_short_is_refused(films, tmp_path, kind, share):
    path = tmp_path / f"a{kind}"
    path.write_bytes(films[kind][: int(share * len(films[kind]))])

    with pytest.raises(DataError) as refused:
        scanned(path, None)
    message = str(refused.value)
    assert message.startswith(f"{path} (")
    assert "cut short: " in message or "truncated or damaged" in message


BAD = {
    "empty.mp4": (b"", "empty"),
    "text.avi": (b"I am a text, and not a short one.", "not a video"),
    "sound.mp4": (wav(tone(300, 0.5, 8000)), "sound without pictures"),
    "sound.avi": (audio_avi(), "sound without pictures"),
    "sound.mkv": (b"\x1aE\xdf\xa3\x80\x18S\x80g\x88\x16T\xaek\x83\x86\x86A_OPUS", "sound without pictures"),
    "sound.m4v": (b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x10moovhdlrsoun", "sound without pictures"),
    "tags.mp4": (b"ID3\4" + bytes(100), "sound without pictures"),
    "header.gif": (b"GIF89a\1\0\1\0\0\0\0;", "truncated or damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_video_is_called_what_it_is(tmp_path, name):
    content, reason = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(DataError) as refused:
        scanned(path, 10)
    assert str(refused.value) == f"{path} ({reason})"
    assert unreadable(path) == reason


@pytest.mark.parametrize("name", ["words.txt", "photo.png", "photo.jpg", "words"])
def test_a_photograph_and_a_text_are_no_clips(tmp_path, name):
    """Though FFmpeg shows pictures of them."""
    path = tmp_path / name
    if path.stem == "photo":
        Image.new("RGB", (32, 24)).save(path)
    else:
        path.write_text("I am a text, and not a short one.\n" * 30)

    with pytest.raises(DataError) as refused:
        scanned(path, None)
    assert str(refused.value) == f"{path} (not a video)"


def test_a_file_that_is_not_there_is_called_so(tmp_path):
    with pytest.raises(DataError, match="No such file or directory"):
        scanned(tmp_path / "a.mp4", None)


def test_an_avi_of_which_frames_are_lost_in_the_middle_is_refused(films, tmp_path):
    content = films[".avi"]
    frames = content.split(b"00dc")
    frames[5] = frames[5][:4] + bytes(len(frames[5]) - 4)
    path = tmp_path / "a.avi"
    path.write_bytes(b"00dc".join(frames))

    with pytest.raises(DataError, match=r"a\.avi \(damaged: \d+ of 20 frames can be decoded\)"):
        scanned(path, None)


@pytest.fixture(scope="module")
def moving(tmp_path_factory):
    """Clips whose frames take bytes: noise that moves."""
    picture = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    frames = np.stack([np.roll(picture, 3 * number, 1) for number in range(40)])
    folder = tmp_path_factory.mktemp("moving")
    return {kind: film(folder / f"a{kind}", frames).read_bytes() for kind in KINDS}


@pytest.mark.parametrize("kind", [".gif", ".avi", ".mkv", ".webm"])
@pytest.mark.parametrize("place", [0.3, 0.5, 0.7])
def test_a_file_of_which_a_part_is_lost_in_the_middle_is_refused(moving, tmp_path, kind, place):
    path = tmp_path / f"a{kind}"
    path.write_bytes(blanked(moving[kind], place, 0.1))

    with pytest.raises(DataError, match=r" \(damaged: \d+( of \d+)? frames can be decoded\)$"):
        scanned(path, None)


@pytest.mark.parametrize("kind", [".mp4", ".mov"])
def test_of_an_mp4_that_lost_a_part_in_the_middle_it_is_said_how_many_frames_are_left(moving, tmp_path, kind):
    path = tmp_path / f"a{kind}"
    path.write_bytes(blanked(moving[kind], 0.7, 0.02))

    clip = scanned(path, None)

    assert clip.frames < clip.promised == 40


def test_an_avi_in_which_some_frames_last_longer_is_whole(films, tmp_path):
    path = tmp_path / "a.avi"
    path.write_bytes(films[".avi"])

    clip = scanned(lingering(path, (3, 4, 11)), 10)

    assert (clip.frames, clip.promised, clip.moments) == (20, 20, 23)
    assert numbers(clip.seen(0, 8, 3)) == [0, 1, 2, 3, 3, 4, 4, 5]


def test_an_avi_without_what_makes_its_chunks_even_is_whole(films, tmp_path):
    content = bytearray(films[".avi"])
    at = content.index(b"movi") + 4
    (length,) = struct.unpack_from("<I", content, at + 4)
    assert length % 2
    del content[at + 8 + length]
    for place in (4, at - 8):  # those of the file and of the list of chunks
        struct.pack_into("<I", content, place, struct.unpack_from("<I", content, place)[0] - 1)
    path = tmp_path / "a.avi"
    path.write_bytes(content)

    assert scanned(path, None).frames == 20


def test_a_file_recorded_live_does_not_say_where_it_ends(films, tmp_path):
    content = bytearray(films[".mkv"])
    at = content.index(b"\x18S\x80g") + 4
    content[at : at + 8] = b"\x01" + b"\xff" * 7
    path = tmp_path / "a.mkv"
    path.write_bytes(content)

    assert not cut_short(path)
    assert scanned(path, None).frames == 20


def test_nothing_is_printed_about_files_that_are_refused(films, tmp_path, capfd):
    for kind, content in films.items():
        path = tmp_path / f"a{kind}"
        path.write_bytes(content[: len(content) // 2])
        with pytest.raises(DataError):
            scanned(path, None)

    assert capfd.readouterr() == ("", "")
