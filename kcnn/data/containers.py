"""What a video file says of itself before it is decoded: whether it is one, has pictures, is whole. No TensorFlow."""

import mmap
import re
import struct
from pathlib import Path
from typing import BinaryIO

_STREAMS = {
    # Where its name stands, that name, what marks sound in it, what marks pictures (regular expressions).
    "mp4": (4, b"ftyp", b"soun", b"vide"),
    "avi": (8, b"AVI ", b"auds", b"vids"),
    "mkv": (0, b"\x1aE\xdf\xa3", rb"\x86.A_", rb"\x86.V_"),
    "gif": (0, b"GIF8", None, None),
}
"""Containers by their usual suffix."""

_SOUNDS = ((8, b"WAVE"), (0, b"ID3"), (0, b"\xff\xfb"), (0, b"OggS"), (0, b"fLaC"))
"""Files that hold nothing but sound."""

_SEGMENT = b"\x18S\x80g"
"""The element of a Matroska file that holds all the rest."""


def container(path: Path) -> str | None:
    """`mp4` (MOV as well), `avi`, `mkv` (WebM as well) or `gif`; None for what is none of these."""
    with path.open("rb") as file:
        head = file.read(16)
    return next((kind for kind, (at, name, *_) in _STREAMS.items() if head[at : at + len(name)] == name), None)


def unreadable(path: Path) -> str:
    """What to call a file of which no picture can be decoded."""
    with path.open("rb") as file:
        head = file.read(16)
        if not head:
            return "empty"
        if any(head[at : at + len(name)] == name for at, name in _SOUNDS):
            return "sound without pictures"
        kind = container(path)
        if kind is None:
            return "not a video"
        _, _, sound, pictures = _STREAMS[kind]
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if sound and pictures and _has(content, sound) and not _has(content, pictures):
                return "sound without pictures"
    return "truncated or damaged"


def _has(content: mmap.mmap, mark: bytes) -> bool:
    return re.search(mark, content, re.DOTALL) is not None


def cut_short(path: Path) -> bool:
    """Whether the file ends before its container does; no where the container does not say."""
    size, kind = path.stat().st_size, container(path)
    with path.open("rb") as file:
        if kind == "gif":
            file.seek(max(0, size - 1024))
            return not file.read().rstrip(b"\0").endswith(b";")  # the trailer
        end = {"mp4": _boxes, "avi": _chunks, "mkv": _segment}[kind](file, size) if kind else 0
    return end > size


def _boxes(file: BinaryIO, size: int) -> int:
    """Where the last box of an MP4 ends that begins in the file."""
    end = 0
    while end + 8 <= size:
        file.seek(end)
        length, name, longer = struct.unpack(">I4sQ", file.read(16).ljust(16, b"\0"))
        length = longer if length == 1 else length
        if length < 8 or not name.strip().isalnum():  # 0: to the end of the file
            break
        end += length
    return end


def _chunks(file: BinaryIO, size: int) -> int:
    """Where the last RIFF chunk of an AVI ends that begins in the file."""
    end = 0
    while end + 12 <= size:
        file.seek(end)
        name, length = struct.unpack("<4sI", file.read(8))
        if name != b"RIFF" or length in (0, 2**32 - 1):
            break
        end += 8 + length
    return end


def _segment(file: BinaryIO, size: int) -> int:
    """Where the segment of a Matroska file ends; 0 where it says none, as one that was recorded live."""
    file.seek(4)
    length, _ = _number(file)
    file.seek(length or 0, 1)
    if file.read(4) != _SEGMENT:
        return 0
    length, unknown = _number(file)
    return 0 if unknown else file.tell() + length


def _number(file: BinaryIO) -> tuple[int, bool]:
    """A number of Matroska's variable length, and whether all its bits are set: unknown."""
    first = (file.read(1) or b"\x80")[0]
    extra = 8 - first.bit_length()
    bits = 7 * (extra + 1)
    value = int.from_bytes(bytes([first]) + file.read(extra), "big") & (2**bits - 1)
    return value, value == 2**bits - 1
