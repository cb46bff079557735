"""Frames of clips as files, in which form a server is asked about them."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

EXACT = 32 << 20
"""How many bytes of pixels a clip may have to be sent without loss: whatever it shows, a request has room for it."""


def as_files(frames: Iterable[np.ndarray], pixels: int) -> list[bytes]:
    """A clip of so many bytes of `pixels`, frames (height, width, 1 or 3), uint8, one at a time, as a file each.

    As PNG nothing is lost. What is larger than `EXACT` goes as JPEG, which is smaller and changes pixels a little.
    """
    return [as_png(frame) if pixels <= EXACT else as_jpeg(frame) for frame in frames]


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
