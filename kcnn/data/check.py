"""Decode every image once: what cannot be decoded is named, counted, and refused or skipped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from kcnn.data.preprocessing import Preprocessing, decode_image
from kcnn.errors import DataError

Item = bytes | Path
"""One encoded image: its bytes, or the file that holds them."""

IN_MEMORY = 2 << 30
"""Splits up to this many bytes of decoded pixels are kept in memory; larger ones are decoded batch by batch."""

_SHOWN = 5
_CHUNK = 256


@dataclass(frozen=True)
class Decoded:
    """One split after checking: what is left of it, its pixels where they fit, counts of pixel values."""

    items: Sequence[Item]
    labels: np.ndarray
    pixels: np.ndarray | None
    histogram: np.ndarray


class Checker:
    """Decodes items to the network's size, a chunk at a time, and collects the faults it meets.

    Where all images have one `size` (height, width), another size is a fault.
    """

    def __init__(self, preprocessing: Preprocessing, size: tuple[int, int] | None):
        self.preprocessing = preprocessing
        self.size = size
        self.faults: list[str] = []
        self._decode_chunk = tf.function(self._decode, input_signature=[tf.TensorSpec([None], tf.string)])

    def split(self, items: Sequence[Item], labels: np.ndarray, progress: Callable[[int], object]) -> Decoded:
        """Decode one split; what cannot be decoded is added to `faults` and left out."""
        keep = len(items) * int(np.prod(self.preprocessing.shape)) <= IN_MEMORY
        histogram = np.zeros((self.preprocessing.channels, 256), np.int64)
        pixels: list[np.ndarray] = []
        good: list[int] = []
        for start in range(0, len(items), _CHUNK):
            chunk = items[start : start + _CHUNK]
            decoded, indices = self._chunk(chunk)
            for channel in range(self.preprocessing.channels):
                histogram[channel] += np.bincount(decoded[..., channel].ravel(), minlength=256)
            good.extend(start + index for index in indices)
            if keep:
                pixels.append(decoded)
            progress(start + len(chunk))
        kept = np.array(good, np.int64)
        joined = np.concatenate(pixels) if pixels else None
        return Decoded([items[index] for index in good], labels[kept], joined, histogram)

    def _chunk(self, chunk: Sequence[Item]) -> tuple[np.ndarray, list[int]]:
        """The decoded images and their places; one image at a time where the chunk holds a fault."""
        try:
            encoded = [read(item) for item in chunk]
            return self._decode_chunk(tf.constant(encoded)).numpy(), list(range(len(chunk)))
        except (tf.errors.OpError, OSError):
            faults = [self._fault(item) for item in chunk]
        self.faults.extend(fault for fault in faults if fault)
        good = [index for index, fault in enumerate(faults) if not fault]
        images = [self.preprocessing.decode(tf.constant(read(chunk[index]))).numpy() for index in good]
        return np.array(images, np.uint8).reshape(-1, *self.preprocessing.shape), good

    def _decode(self, encoded: tf.Tensor) -> tf.Tensor:
        """A vector of encoded images, decoded; images of one size are fitted all at once, which is faster."""
        if self.size is None:
            return tf.map_fn(self.preprocessing.decode, encoded, fn_output_signature=tf.uint8)
        shape = (*self.size, self.preprocessing.channels)
        images = tf.map_fn(
            lambda one: tf.ensure_shape(decode_image(one, shape[2]), shape),
            encoded,
            fn_output_signature=tf.uint8,
        )
        return self.preprocessing.fitted(images)

    def _fault(self, item: Item) -> str | None:
        """What is wrong with one image, in a few words; None where nothing is."""
        name = called(item)
        try:
            encoded = read(item)
            height, width, _ = decode_image(tf.constant(encoded), self.preprocessing.channels).shape
        except OSError as error:
            return f"{name} ({error.strerror})"
        except (tf.errors.OpError, ValueError):
            return f"{name} ({undecodable(encoded)})"
        if self.size and (height, width) != self.size:
            first = f"{self.size[0]} x {self.size[1]}"
            return f"{name} ({height} x {width} pixels where the first has {first}: set data.size)"
        return None


def decode_all(
    splits: Mapping[str, tuple[Sequence[Item], np.ndarray]],
    checker: Checker,
    skip: bool,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, Decoded], tuple[str, ...]]:
    """Every split decoded and fitted, and notes on what was skipped.

    Raises `DataError` naming the files that are no images, unless `skip`.
    """
    total, before, decoded = sum(len(items) for items, _ in splits.values()), 0, {}
    for name, (items, labels) in splits.items():

        def report(count: int, before: int = before) -> None:
            if progress:
                progress(before + count, total)

        decoded[name] = checker.split(items, labels, report)
        before += len(items)
    return decoded, left_out(checker.faults, skip, "image")


def left_out(faults: Sequence[str], skip: bool, item: str) -> tuple[str, ...]:
    """A note on the items that cannot be used and are skipped: their number, and what is wrong with the first.

    Raises `DataError` saying the same, unless `skip`.
    """
    if not faults:
        return ()
    count, shown = counted(faults, item)
    if not skip:
        raise DataError(f"{count} cannot be used: {shown}; data.bad_files=skip leaves them out")
    return (f"left out {count}: {shown}",)


def counted(faults: Sequence[str], item: str) -> tuple[str, str]:
    """How many items there are in words, and what is wrong with the first of them."""
    shown = ", ".join(faults[:_SHOWN]) + (f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else "")
    plural = "" if len(faults) == 1 or item.endswith("s") else "s"
    return f"{len(faults)} {item}{plural}", shown


def read(item: Item) -> bytes:
    """The bytes of one encoded image."""
    return item.read_bytes() if isinstance(item, Path) else item


def called(item: Item) -> str:
    """One encoded image by the name of its file, if it has one."""
    return str(item) if isinstance(item, Path) else "an image"


def undecodable(encoded: bytes) -> str:
    """What to call bytes that no decoder took."""
    if not encoded:
        return "empty"
    return "truncated or damaged" if encoded.startswith(_MAGIC) else "not an image"


_MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")
