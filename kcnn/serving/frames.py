"""Frames of clips as files, in which form a server is asked about them."""

import math
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import cv2
import numpy as np
from PIL import Image

EXACT = 32 << 20
"""How many bytes of pixels a clip may have to be sent without loss: whatever it shows, a request has room for it."""

ROOM = 2
"""A frame that is shrunk keeps so many times the height and the width that are seen of it."""


def as_files(frames: Iterable[np.ndarray], pixels: int, seen: tuple[int, int]) -> list[bytes]:
    """A clip of so many bytes of `pixels`, frames (height, width, 1 or 3), uint8, one at a time, as a file each.

    What is larger than `EXACT` is shrunk by the least whole number that makes it fit, as far as the size that is `seen`
    leaves `ROOM`. As PNG nothing more is lost; what is still larger goes as JPEG, which changes pixels a little.
    """
    files = []
    for frame in frames:
        factor = _factor(frame.shape[:2], pixels, seen)
        exact = pixels <= factor**2 * EXACT
        files.append((as_png if exact else as_jpeg)(_shrunk(frame, factor)))
    return files


def fitting(files: list[bytes], channels: int, seen: tuple[int, int]) -> list[bytes]:
    """A clip of frames of one size in files: as they are where a request has room for them, else shrunk as others are.

    What is no picture stays as it is: who is asked says so.
    """
    if sum(map(len, files)) <= EXACT:
        return files
    try:
        frames = (_pixels(file, channels) for file in files)
        return as_files(frames, len(files) * _pixels(files[0], channels).nbytes, seen)
    except OSError:
        return files


def _pixels(file: bytes, channels: int) -> np.ndarray:
    image = Image.open(BytesIO(file)).convert("L" if channels == 1 else "RGB")
    return np.asarray(image).reshape(image.height, image.width, channels)


def _factor(size: tuple[int, ...], pixels: int, seen: tuple[int, int]) -> int:
    """By how much the height and the width are divided."""
    most = min(side // (ROOM * wanted) for side, wanted in zip(size, seen, strict=True))
    return max(1, min(most, math.ceil(math.sqrt(pixels / EXACT))))


def _shrunk(frame: np.ndarray, factor: int) -> np.ndarray:
    """The means of squares of `factor` pixels a side."""
    if factor == 1:
        return frame
    height, width, channels = frame.shape
    means = cv2.resize(frame, (width // factor, height // factor), interpolation=cv2.INTER_AREA)
    return means.reshape(*means.shape[:2], channels)


def as_png(frame: np.ndarray) -> bytes:
    """Without loss, and hardly compressed: that takes less time, and few bytes more."""
    return _file(frame, "PNG", compress_level=1)


def as_jpeg(frame: np.ndarray) -> bytes:
    """Nearly without loss, colours as sharp as brightness."""
    return _file(frame, "JPEG", quality=95, subsampling=0)


def _file(frame: np.ndarray, kind: str, **options: Any) -> bytes:
    stream = BytesIO()
    Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame).save(stream, kind, **options)
    return stream.getvalue()
