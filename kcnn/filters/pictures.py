"""Pictures in files: read as floats with their depth, alpha and colour profile, and written as they were.

A picture is read upright, as its camera says (EXIF). Grey stays grey, all else becomes RGB. Of several pictures in one
file the first is meant where the camera put the others there (MPO: previews, depth, gain maps); animations and
many-paged TIFFs are refused.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from kcnn.arithmetic.pixels import quantise, scaled
from kcnn.errors import DataError, InputError, unknown
from kcnn.filters.images import as_image
from kcnn.workspace import atomic_file

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF"}
"""What is written, by suffix."""

LUMINANCE = (0.299, 0.587, 0.114)
JPEG_QUALITY = 95

_ORIENTATION, _BITS, _PLANES = 0x0112, 0x0102, 0x011C
_OPENED_BY_PILLOW = (b"\x89PNG", b"\xff\xd8")
_UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).swapaxes(0, 1),
    8: np.rot90,
}
"""EXIF's orientations: from the pixels as they are stored to the picture as it is seen."""


@dataclass(frozen=True)
class Picture:
    """Pixels (H, W) or (H, W, 3) in 0..1, alpha (H, W) in 0..1 or None, bits a channel (8 or 16), ICC profile."""

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    bits: int = 8
    profile: bytes | None = None

    @property
    def on_white(self) -> np.ndarray:
        """The pixels as they look on white paper."""
        if self.alpha is None:
            return self.pixels
        alpha = self.alpha[..., None] if self.pixels.ndim == 3 else self.alpha
        return alpha * self.pixels + (1 - alpha)


def grey(image: ArrayLike) -> np.ndarray:
    """The luminance 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, as in OpenCV and Pillow); grey stays as it is."""
    image = as_image(image)
    return image @ np.array(LUMINANCE, image.dtype) if image.ndim == 3 else image


def read(path: Path) -> Picture:
    """The picture in a file that Pillow or OpenCV decodes, with 8 or 16 bits; the pixels are float32.

    Raises DataError where the file is missing, empty, a folder, device or pipe, no image, damaged, animated, larger
    than Pillow's limit of 178,956,970 pixels, or has other numbers than integers of at most 16 bits.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise DataError(f"{path} is a device or a pipe, not a file")
        encoded = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    if not encoded:
        raise DataError(f"{path} is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of half the limit, and of odd metadata
            return _by_pillow(path, encoded)
    except UnidentifiedImageError:
        if encoded.startswith(_OPENED_BY_PILLOW):
            raise DataError(f"{path} is truncated or damaged") from None
        return _by_opencv(path, encoded)
    except Image.DecompressionBombError:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0)
        raise DataError(f"{path} has more than {limit:,} pixels, as files that mean harm have") from None
    except DataError:
        raise
    # Pillow's decoders raise nearly anything on damaged files.
    except Exception as error:
        raise DataError(f"{path} is truncated or damaged ({error})") from None


def check_output(path: Path, *inputs: Path) -> None:
    """Raise InputError where a picture cannot be written there: suffix, folder, or a file that is being read."""
    if path.suffix.lower() not in FORMATS:
        if not path.suffix:
            raise InputError(f"{path} needs a suffix: {', '.join(FORMATS)}")
        raise unknown("picture format", path.suffix.lower(), FORMATS)
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise InputError(f"{path} is a folder")
    for each in inputs:
        if path.exists() and each.exists() and path.samefile(each):
            raise InputError(f"{path} is being read: write to another file")


def write(path: Path, picture: Picture) -> None:
    """Write a picture as PNG, JPEG or TIFF by the suffix, wholly or not at all; values outside 0..1 are cut off.

    PNG and TIFF keep depth, alpha and profile (with 16 bits, grey with alpha is written as colour, and a TIFF has no
    profile); JPEG has 8 bits, and what is transparent becomes white.
    Raises InputError as `check_output` does, and where the system lets nothing be written.
    """
    check_output(path)
    format_ = FORMATS[path.suffix.lower()]
    pixels = picture.on_white if format_ == "JPEG" else picture.pixels
    bits = 16 if picture.bits > 8 and format_ != "JPEG" else 8
    stored = quantise(pixels.clip(0, 1), bits)
    if picture.alpha is not None and format_ != "JPEG":
        stored = np.dstack([stored, quantise(picture.alpha.clip(0, 1), bits)])
    encoded = _encoded_16(stored, path.suffix, picture.profile) if bits == 16 else _encoded_8(stored, format_, picture)
    try:
        with atomic_file(path) as temporary:
            temporary.write_bytes(encoded)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def _by_pillow(path: Path, encoded: bytes) -> Picture:
    image = Image.open(BytesIO(encoded))
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":
        raise DataError(f"{path} holds {frames} pictures, not one")
    if isinstance(image, TiffImageFile) and image.tag_v2.get(_PLANES) == 2 and max(image.tag_v2[_BITS]) > 8:
        raise DataError(f"{path} holds its colours of 16 bits in planes: save it with interleaved ones")
    raw = str(image.tile[0].args) if image.tile else ""
    orientation = image.getexif().get(_ORIENTATION, 1)
    image.load()
    profile = image.info.get("icc_profile") if image.mode not in ("CMYK", "LAB") else None
    if ";16" in raw + image.mode or image.format in ("PPM", "JPEG2000"):
        # Pillow keeps 8 bits of coloured ones, and turns grey TIFFs wrongly. OpenCV turns TIFFs upright, PNGs not.
        stored = _decoded(encoded)
        if stored is not None and stored.dtype == np.uint16:
            turned = stored if image.format == "TIFF" else _UPRIGHT.get(orientation, np.asarray)(stored)
            return _picture(turned, 16, profile, colour="LA" not in raw)
    if image.mode[0] in "IF":
        raise DataError(f"{path} has pixels of more than 16 bits")
    return _picture_8(ImageOps.exif_transpose(image), profile)


def _picture_8(image: Image.Image, profile: bytes | None) -> Picture:
    """A picture of 8 bits a channel at most, of any mode."""
    transparent = "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info
    is_grey = image.mode in ("1", "L", "LA", "La")
    image = image.convert(("LA" if is_grey else "RGBA") if transparent else ("L" if is_grey else "RGB"))
    values = _floats(np.asarray(image))
    if not transparent:
        return Picture(values, None, 8, profile)
    return Picture(values[..., 0] if is_grey else values[..., :3], values[..., -1], 8, profile)


def _by_opencv(path: Path, encoded: bytes) -> Picture:
    """What Pillow does not know: Sun raster files, for example."""
    stored = _decoded(encoded)
    if stored is None:
        raise DataError(f"{path} is not an image")
    if stored.dtype not in (np.uint8, np.uint16):
        raise DataError(f"{path} has pixels of type {stored.dtype}: integers of 8 and 16 bits are understood")
    return _picture(stored, 8 * stored.itemsize)


def _decoded(encoded: bytes) -> np.ndarray | None:
    """What OpenCV makes of a file, without a word on stderr; None for nothing."""
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    finally:
        cv2.utils.logging.setLogLevel(level)


def _picture(stored: np.ndarray, bits: int, profile: bytes | None = None, colour: bool = True) -> Picture:
    """From OpenCV's order of channels."""
    values = _floats(stored)
    if values.ndim == 2:
        return Picture(values, None, bits, profile)
    alpha = values[..., 3] if values.shape[-1] == 4 else None
    return Picture(np.ascontiguousarray(values[..., 2::-1]) if colour else values[..., 0], alpha, bits, profile)


def _floats(stored: np.ndarray) -> np.ndarray:
    return scaled(stored).astype(np.float32)


def _encoded_8(stored: np.ndarray, format_: str, picture: Picture) -> bytes:
    options: dict[str, dict[str, Any]] = {
        "PNG": {},
        "JPEG": {"quality": JPEG_QUALITY, "subsampling": 0},
        "TIFF": {"compression": "tiff_deflate"},
    }
    encoded = BytesIO()
    Image.fromarray(stored).save(encoded, format_, icc_profile=picture.profile, **options[format_])
    return encoded.getvalue()


def _encoded_16(stored: np.ndarray, suffix: str, profile: bytes | None) -> bytes:
    """By OpenCV: Pillow has no colour of 16 bits."""
    if stored.ndim == 3:
        grey_and_alpha = stored.shape[-1] == 2
        stored = stored[..., [0, 0, 0, 1]] if grey_and_alpha else stored[..., [2, 1, 0, 3][: stored.shape[-1]]]
    if profile and suffix.lower() == ".png":
        kinds, contents = [cv2.IMAGE_METADATA_ICCP], [np.frombuffer(profile, np.uint8)]
        _, encoded = cv2.imencodeWithMetadata(suffix.lower(), stored, kinds, contents)
    else:
        _, encoded = cv2.imencode(suffix.lower(), stored)
    return encoded.tobytes()
