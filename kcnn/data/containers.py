"""What a video file says of itself before it is decoded: whether it is one, has pictures, is whole. No TensorFlow.

How much of damage can be seen depends on the container. A GIF and an AVI tell how many pictures they have, and none may
be missing; of a Matroska file the parts must follow one another. What is lost within a part shows only where it costs a
frame that is counted.
"""

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

_CLUSTER = b"\x1fC\xb6u"
"""The element of it that holds some seconds of frames."""


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


def fault(path: Path, frames: int, said: int) -> str | None:
    """What is wrong with a file of which so many frames can be decoded, in words; None where nothing is to be seen.

    So many are `said` to be in its header, which is right of an AVI alone, and there of chunks that may be empty: the
    frame before goes on.
    """
    if cut_short(path):
        return f"cut short: {frames} frames can be decoded"
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        kind = container(path)
        try:
            if kind == "gif":
                said = _pictures_of_gif(content)
            elif kind == "avi":
                said = min(said, _pictures_of_avi(content, _chunks(file, len(content)) or len(content)))
            elif kind == "mkv":
                _follow(content, _segment(file, len(content)))
        except (_Broken, IndexError, struct.error):
            # Some who write an AVI leave out what makes its chunks even: what its header says then holds.
            if kind != "avi":
                return f"damaged: {frames} frames can be decoded"
    if kind in ("gif", "avi") and frames < said:
        return f"damaged: {frames} of {said} frames can be decoded"
    return None


class _Broken(Exception):
    """The parts of a file do not follow one another."""


def _pictures_of_gif(content: mmap.mmap) -> int:
    """How many pictures lie between a GIF's header and its trailer."""
    at, pictures = 13 + _palette(content[10]), 0
    while (block := content[at]) != ord(";"):
        at += 1
        if block == ord(","):
            pictures += 1
            at += 10 + _palette(content[at + 8])
        elif block == ord("!"):
            at += 1
        else:
            raise _Broken
        while content[at]:
            at += 1 + content[at]
        at += 1
    return pictures


def _palette(flags: int) -> int:
    """The bytes of the colours behind such flags."""
    return 3 * 2 ** (flags % 8 + 1) if flags & 128 else 0


def _pictures_of_avi(content: mmap.mmap, end: int) -> int:
    """How many chunks of an AVI's first stream of pictures are not empty."""
    at, pictures, stream = 0, 0, b""
    while at + 8 <= end:
        name, length = struct.unpack_from("<4sI", content, at)
        if name in (b"RIFF", b"LIST"):  # which hold chunks, behind a name of four letters
            at += 12
            continue
        if not re.fullmatch(rb"[ -~]{4}", name):
            raise _Broken
        if re.fullmatch(rb"\d\dd[bc]", name):
            stream = stream or name[:2]
            pictures += length > 0 and name.startswith(stream)
        at += 8 + length + length % 2
    return pictures


def _follow(content: mmap.mmap, end: int) -> None:
    """Go through the elements of a Matroska file to its end, or to that of what was recorded live (`end` 0)."""
    at = 0
    while at < (end or len(content)):
        name = content[at : at + 9 - content[at].bit_length()]
        if len(name) > 4:
            raise _Broken
        content.seek(at + len(name))
        length, _ = _number(content)
        at = content.tell() + (0 if name in (_SEGMENT, _CLUSTER) else length)
    if end and at != end:
        raise _Broken


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


def _number(file: BinaryIO | mmap.mmap) -> tuple[int, bool]:
    """A number of Matroska's variable length, and whether all its bits are set: unknown."""
    first = (file.read(1) or b"\x80")[0]
    extra = 8 - first.bit_length()
    bits = 7 * (extra + 1)
    value = int.from_bytes(bytes([first]) + file.read(extra), "big") & (2**bits - 1)
    return value, value == 2**bits - 1
