"""Files of images and masks as arrays; what cannot be read is a fault that names the file."""

import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image, UnidentifiedImageError

from kcnn.arithmetic.pixels import quantise
from kcnn.data.check import undecodable
from kcnn.data.files import TIFF_SUFFIXES
from kcnn.data.preprocessing import decode_image
from kcnn.errors import DataError
from kcnn.filters import pictures

_GREY = frozenset({"1", "L", "LA", "La", "I", "F"})
"""Pillow's modes of one channel, alpha apart; those of 16 bits begin with I;16."""


def channels_of(path: Path) -> int | None:
    """1 for a grey image, 3 for any other, None for a file that is no image."""
    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("ignore")
            return 1 if image.mode in _GREY or image.mode.startswith("I;16") else 3
    except (OSError, Image.DecompressionBombError):
        return None


def read_image(path: Path, channels: int) -> np.ndarray:
    """An image file as uint8 (H, W, channels): TIFF by Pillow, anything else as the exported graph decodes it.

    Raises `DataError` "FILE (fault)".
    """
    encoded = _bytes(path)
    try:
        if path.suffix.lower() in TIFF_SUFFIXES:
            return _tiff(path, channels)
        return decode_image(tf.constant(encoded), channels).numpy()
    except (tf.errors.OpError, ValueError) as error:
        if isinstance(error, DataError):
            reason = str(error).removeprefix(str(path)).lstrip(": ").removeprefix("is ")
            raise DataError(f"{path} ({reason})") from None
        raise DataError(f"{path} ({undecodable(encoded)})") from None


def read_mask(path: Path) -> np.ndarray:
    """A mask file's values as uint8 or uint16 (H, W): grey of 1 (0 and 1), 8 or 16 bits, a palette's indices, or equal
    channels of RGB.

    Raises `DataError` "FILE (fault)".
    """
    encoded = _bytes(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of half the limit of pixels, and of odd metadata
            image = Image.open(BytesIO(encoded))
            frames = getattr(image, "n_frames", 1)
            image.load()
    except UnidentifiedImageError:
        raise DataError(f"{path} ({undecodable(encoded)})") from None
    except Image.DecompressionBombError:
        raise DataError(f"{path} (more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels)") from None
    # Pillow's decoders raise nearly anything on damaged files.
    except Exception:
        raise DataError(f"{path} (truncated or damaged)") from None
    if frames > 1:
        raise DataError(f"{path} ({frames} pictures in one file)")
    return _values(path, image)


def encoded_image(path: Path, channels: int) -> bytes:
    """An image as the bytes of a file that TensorFlow decodes: the file's own, or PNG for a TIFF."""
    if path.suffix.lower() not in TIFF_SUFFIXES:
        return path.read_bytes()
    return bytes(tf.io.encode_png(read_image(path, channels)).numpy())


def _values(path: Path, image: Image.Image) -> np.ndarray:
    values = np.asarray(image)
    if image.mode in ("L", "P"):
        return values
    if image.mode == "1":
        return values.astype(np.uint8)
    if image.mode.startswith("I;16"):
        return values.astype(np.uint16)
    if image.mode == "RGB":
        if (values == values[..., :1]).all():
            return values[..., 0]
        raise DataError(f"{path} (colours, where a mask has one value a pixel)")
    raise DataError(f"{path} (of mode {image.mode}, where a mask is grey or has a palette)")


def _tiff(path: Path, channels: int) -> np.ndarray:
    pixels = pictures.read(path).on_white
    if channels == 1:
        pixels = pictures.grey(pixels)
    elif pixels.ndim == 2:
        pixels = np.repeat(pixels[..., np.newaxis], channels, axis=-1)
    return quantise(pixels.clip(0, 1), 8).reshape(*pixels.shape[:2], channels)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} ({error.strerror})") from None
