"""Clips in files and in folders of frames: scanned once, then decoded where and when they are needed.

Nothing here grows with the length of a clip: frames come one at a time, those before the wanted ones are passed over,
and one decoded frame is kept beside what is handed out. To pass over is to decode as well: seeking is not exact in
every file.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kcnn.data.containers import container, fault, unreadable
from kcnn.data.files import VIDEO_SUFFIXES, frames_of
from kcnn.errors import DataError

# What it says of damaged files is said by our own errors; it reads this when the first video is opened.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_FATAL)

_EARLY = 1e-3
"""A frame counts as shown so many seconds before its time: Matroska rounds times to a millisecond."""

_UNKNOWN_RATE = 25.0


@dataclass(frozen=True)
class Footage:
    """A video file. `moments` is at how many moments it is looked at, `rate` of them a second, from its first frame to
    its last (None: at each frame); `gap` is the longest time between two frames, in seconds, or in frames where there
    is no rate. `size` is the height and width of a frame; `frames` and `promised` are how many there are, and how many
    the file says.
    """

    path: Path
    rate: float | None
    moments: int
    gap: float
    size: tuple[int, int]
    frames: int
    promised: int

    def seen(self, first: int, count: int, channels: int) -> Iterator[np.ndarray]:
        """The frames (height, width, channels), uint8, that are shown at `count` moments from the number `first` on.

        Raises `DataError` where the file has fewer frames than when it was scanned.
        """
        due, last = first, first + count
        time, held = -1.0, None
        capture = _opened(self.path)
        for time in _times(capture, self.rate):
            while held is not None and due < last and time > self._until(due):
                yield held
                due += 1
            if due == last:
                return
            # The frame after the one that is shown comes later than the moment, and within the gap.
            if time + self.gap > self._until(due) - _EARLY / 2:
                held = _picture(self.path, capture, channels)
        if held is None or self._until(last - 1) > time + 3 * _EARLY:
            raise DataError(f"{self.path} (fewer frames than when it was first read)")
        for _ in range(due, last):
            yield held

    def _until(self, number: int) -> float:
        """The time until which a frame may come and be what is shown at a moment."""
        return number / (self.rate or 1.0) + _EARLY

    def digest(self) -> bytes:
        """The SHA-256 of the file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()


@dataclass(frozen=True)
class Stills:
    """A folder of frames, in order, all of one `size` (height, width)."""

    path: Path
    files: tuple[Path, ...]
    size: tuple[int, int]

    @property
    def moments(self) -> int:
        """Each frame is one."""
        return len(self.files)

    def seen(self, first: int, count: int, channels: int) -> Iterator[np.ndarray]:
        """`count` frames (height, width, channels), uint8, from the number `first` on."""
        from kcnn.data.decoding import read_image  # imports TensorFlow, of which a video needs nothing

        for file in self.files[first : first + count]:
            yield read_image(file, channels)

    def digest(self) -> bytes:
        """The SHA-256 of those of its files."""
        return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in self.files)).digest()


def filmed(path: Path, rate: float | None) -> Footage | Stills:
    """A clip in a file or a folder of frames, every frame decoded once. Raises `DataError` for what is none."""
    return stills(path, frames_of(path)) if path.is_dir() else scanned(path, rate)


def scanned(path: Path, rate: float | None) -> Footage:
    """A video whose every frame was decoded once. Raises `DataError` "FILE (fault)"."""
    try:
        # FFmpeg makes a picture of a photograph, and of a text.
        if container(path) is None and path.suffix.lower() not in VIDEO_SUFFIXES:
            raise DataError(f"{path} (not a video)")
        capture = _opened(path)
        if not capture.isOpened():
            raise DataError(f"{path} ({unreadable(path)})")
        frames, last, gap, size = 0, 0.0, 3 * _EARLY, (0, 0)
        for time in _times(capture, rate):
            if not frames:
                height, width, _ = _picture(path, capture, 3).shape
                size = height, width
            frames, gap, last = frames + 1, max(gap, time - last), time
        promised = _promised(path, frames, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
    except OSError as error:
        raise DataError(f"{path} ({error.strerror})") from None
    return Footage(path, rate, int((last + _EARLY) * (rate or 1.0)) + 1, gap, size, frames, promised)


def _promised(path: Path, frames: int, said: int) -> int:
    """How many frames a file promises, of which so many can be decoded.

    Raises `DataError` where it can be seen to be damaged. An MP4 may hold frames that are not to be shown, which cannot
    be told from those that cannot be decoded; what is `said` of other containers is an estimate.
    """
    if wrong := fault(path, frames, said) if frames else unreadable(path):
        raise DataError(f"{path} ({wrong})")
    return said if container(path) == "mp4" else frames


def stills(path: Path, files: tuple[Path, ...]) -> Stills:
    """A folder whose every frame was decoded once. Raises `DataError` "FILE (fault)"."""
    from kcnn.data.decoding import read_image

    return Stills(path, files, one_size((file, read_image(file, 3).shape[:2]) for file in files))


def one_size(frames: Iterable[tuple[Path, tuple[int, ...]]]) -> tuple[int, int]:
    """The height and width of frames of one size. Raises `DataError` "FILE (fault)" for the first that has another."""
    size: tuple[int, int] | None = None
    for file, (height, width) in frames:
        size = size or (height, width)
        if (height, width) != size:
            raise DataError(
                f"{file} ({height} x {width} pixels where the clip's first frame has {size[0]} x {size[1]})"
            )
    return size or (0, 0)


def _opened(path: Path) -> cv2.VideoCapture:
    """One thread a video: batches are made in parallel already, and each thread would hold frames of its own.

    By its absolute path, for what stands before a colon in another is taken for a protocol.
    """
    return cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])


def _times(capture: cv2.VideoCapture, rate: float | None) -> Iterator[float]:
    """When each frame is shown, in seconds from the first, or, without a rate, its number.

    Each is passed over unless it is taken before the next. One without a time of its own, or with an earlier one than
    that before it, follows at the usual distance. (A GIF's frame without a duration lasts 100 ms, as in browsers.)
    """
    usual = 1.0 / (capture.get(cv2.CAP_PROP_FPS) or _UNKNOWN_RATE)
    begin, before, number = 0.0, -1.0, 0
    while capture.grab():
        said = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        begin = begin if number else said
        before = said - begin if said - begin > before else before + usual
        yield before if rate else float(number)
        number += 1


def _picture(path: Path, capture: cv2.VideoCapture, channels: int) -> np.ndarray:
    """The frame that was come to, upright where the file says how it was held."""
    found, picture = capture.retrieve()
    if not found:
        raise DataError(f"{path} (a frame that cannot be decoded)")
    if channels == 1:
        return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[..., np.newaxis]
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
