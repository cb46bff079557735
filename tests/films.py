"""Small clips whose frames say their number by their brightness, in files of many kinds, whole and broken."""

import struct
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

STEP = 10
"""Levels of brightness from one frame to the next: what compression does to them is less."""

CODECS = {".mp4": "mp4v", ".mov": "mp4v", ".avi": "MJPG", ".mkv": "mp4v", ".webm": "VP80"}


def numbered(count, size=(24, 32)):
    """Frames (count, height, width, 3) of one brightness each, 0, 10, 20, ... and again from 250 on."""
    levels = STEP * (np.arange(count) % 25)
    return np.broadcast_to(levels[:, None, None, None], (count, *size, 3)).astype(np.uint8)


def numbers(frames):
    """The numbers of frames, of those that are not the same."""
    return [round(float(np.mean(frame)) / STEP) for frame in frames]


def film(path, frames, rate=10.0):
    """A clip of frames (count, height, width, 3), in colours red, green, blue, at so many a second."""
    path = Path(path)
    if path.suffix == ".gif":
        return gif(path, frames, [1000 / rate] * len(frames))
    height, width = frames.shape[1:3]
    code = cv2.VideoWriter_fourcc(*CODECS[path.suffix])
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, rate, (width, height))
    for frame in frames:
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()
    return path


def gif(path, frames, milliseconds):
    """A GIF that shows each frame for a time of its own, whole hundredths of a second."""
    first, *others = (Image.fromarray(frame) for frame in frames)
    first.save(path, save_all=True, append_images=others, duration=list(milliseconds), loop=0)
    return path


def retimed(path, milliseconds):
    """An MP4 each of whose frames lasts so long: a variable frame rate."""
    content = bytearray(path.read_bytes())
    place = content.index(b"mdhd") + 16
    (clock,) = struct.unpack(">I", content[place : place + 4])
    durations = [clock * each // 1000 for each in milliseconds]
    at = content.index(b"stts")
    (old,) = struct.unpack(">I", content[at - 4 : at])
    entries = b"".join(struct.pack(">II", 1, duration) for duration in durations)
    box = b"stts" + struct.pack(">II", 0, len(durations)) + entries
    content[at - 4 : at - 4 + old] = struct.pack(">I", 4 + len(box)) + box
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        place = content.index(name) - 4
        (size,) = struct.unpack(">I", content[place : place + 4])
        content[place : place + 4] = struct.pack(">I", size + 4 + len(box) - old)
    path.write_bytes(content)
    return trimmed(path, sum(milliseconds))


def trimmed(path, milliseconds):
    """An MP4 that says only so much of it is to be shown."""
    content = bytearray(path.read_bytes())
    at = content.index(b"elst") + 12
    content[at : at + 4] = struct.pack(">I", milliseconds)
    path.write_bytes(content)
    return path


def turned(path):
    """An MP4 that says it was recorded with the camera turned by a quarter, so that it is shown clockwise."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4 + 40
    content[at : at + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path


def _chunk(name, content):
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def lingering(path, numbers):
    """An AVI in which some frames last twice as long: an empty chunk behind each, as who saves bytes writes it."""
    content = path.read_bytes()
    begin, end = content.index(b"movi") + 4, content.index(b"idx1")
    made, at, count = [], begin, 0
    while at < end:
        length = struct.unpack("<I", content[at + 4 : at + 8])[0]
        made.append(content[at : at + 8 + length + length % 2])
        at += len(made[-1])
        if made[-1].startswith(b"00dc"):
            if count in numbers:
                made.append(_chunk(b"00dc", b""))
            count += 1
    offsets = np.cumsum([4, *map(len, made)])
    index = [
        chunk[:4] + struct.pack("<I", 16) + struct.pack("<I", offset) + chunk[4:8]
        for chunk, offset in zip(made, offsets, strict=False)
    ]
    head = bytearray(content[:begin])
    frames = struct.pack("<I", count + len(numbers))
    head[head.index(b"avih") + 24 : head.index(b"avih") + 28] = frames
    head[head.index(b"strh") + 40 : head.index(b"strh") + 44] = frames
    head[-8:-4] = struct.pack("<I", int(offsets[-1]))
    file = head + b"".join(made) + _chunk(b"idx1", b"".join(index))
    file[4:8] = struct.pack("<I", len(file) - 8)
    path.write_bytes(file)
    return path


def blanked(content, place, share):
    """A file of which so much in the middle, from a place in 0..1 on, has become zeros."""
    at, count = int(place * len(content)), int(share * len(content))
    return content[:at] + bytes(count) + content[at + count :]


def audio_avi():
    """An AVI of one second of sound and nothing else."""
    header = (
        b"auds" + struct.pack("<5I", 0, 0, 0, 0, 1) + struct.pack("<7I4h", 8000, 0, 8000, 8000, 0, 1, 0, 0, 0, 0, 0)
    )
    form = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
    stream = _chunk(b"LIST", b"strl" + _chunk(b"strh", header) + _chunk(b"strf", form))
    main = _chunk(b"LIST", b"hdrl" + _chunk(b"avih", struct.pack("<14I", *[0] * 6, 1, *[0] * 7)) + stream)
    return _chunk(b"RIFF", b"AVI " + main + _chunk(b"LIST", b"movi" + _chunk(b"00wb", b"\x80" * 8000)))


def folder_of_frames(path, frames, name="{}.png", first=1):
    """A clip as a folder: 1.png, 2.png, ... 10.png."""
    path.mkdir(parents=True)
    for number, frame in enumerate(frames, start=first):
        Image.fromarray(frame).save(path / name.format(number))
    return path


def corpus(folder, count=10, frames=12, size=(24, 32)):
    """Clips of two classes, `brighter` and `darker` and darker, of 8 to 12 frames, of each kind of file in turn."""
    kinds = [".gif", ".mp4", ".avi", "", ".mkv", ".webm"]
    for label in ("brighter", "darker"):
        (folder / label).mkdir(parents=True)
        for index in range(count):
            length = frames - index % 5
            made = numbered(length, size)[:: 1 if label == "brighter" else -1]
            kind = kinds[index % len(kinds)]
            path = folder / label / f"{index}{kind}"
            film(path, made) if kind else folder_of_frames(path, made)
    return folder
