"""WAV files in TensorFlow's own operations: one definition for training, evaluation and the exported graph."""

import struct
from collections.abc import Callable

import numpy as np
import tensorflow as tf

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
"""Format tags: whole numbers, fractions, and one that names either of them further on."""

_HEADER = 8
"""The bytes of a chunk before its content: its name, and how long it is."""


def decode(contents: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The samples (frames, channels), float32, full scale being 1, and the frames a second, int32, of a file's bytes.

    Read are whole numbers of 8, 16, 24 and 32 bits and fractions of 32 and 64 bits.
    Raises `tf.errors.InvalidArgumentError` for what is no such file, is cut short, or has no samples.
    Source: Microsoft, IBM 1991, *Multimedia Programming Interface and Data Specifications 1.0*; the extensible form is
    that of mmreg.h.
    """
    size = tf.strings.length(contents)
    riff = tf.logical_and(size >= 12, _is(contents, 0, b"RIFF") & _is(contents, _HEADER, b"WAVE"))
    with tf.control_dependencies([_refuse(riff, "not a WAV file")]):
        fmt, data, length = _chunks(contents, size)
    with tf.control_dependencies([_refuse((fmt > 0) & (data > 0), "a WAV file without format or data")]):
        tag, channels, rate, bits = (
            _number(contents, fmt, 2),
            _number(contents, fmt + 2, 2),
            _number(contents, fmt + 4, 4),
            _number(contents, fmt + 14, 2),
        )
        extended = (tag == EXTENSIBLE) & (_number(contents, fmt - 4, 4) >= 26)
        tag = tf.cond(extended, lambda: _number(contents, fmt + 24, 2), lambda: tag)
    whole = _refuse(length <= size - data, "cut short: its header promises more than there is")
    some = _refuse((length > 0) & (channels > 0) & (rate > 0), "without samples")
    with tf.control_dependencies([whole, some]):
        content = tf.strings.substr(contents, data, length)
    samples = _samples(content, tag, bits)
    frames = tf.size(samples) // channels
    samples = tf.reshape(samples[: frames * channels], [frames, channels])
    finite = _refuse(tf.reduce_all(tf.math.is_finite(samples)), "with samples that are not finite")
    with tf.control_dependencies([finite, _refuse(frames > 0, "without samples")]):
        return tf.identity(samples), rate


def _chunks(contents: tf.Tensor, size: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Where the format begins, where the samples begin, 0 where there are none, and how many bytes these are."""

    def more(place: tf.Tensor, fmt: tf.Tensor, data: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
        return (place + _HEADER <= size) & (data == 0)

    def after(
        place: tf.Tensor, fmt: tf.Tensor, data: tf.Tensor, length: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        # A length beyond 31 bits is more than there is in any file that fits into a string: never add to it.
        long = _number(contents, place + 4, 4)
        start = place + _HEADER
        whole = (long >= 16) & (start + 16 <= size)
        fmt = tf.where(_is(contents, place, b"fmt ") & whole, start, fmt)
        found = _is(contents, place, b"data")
        # A chunk of odd length is followed by a byte that belongs to none.
        onward = tf.where(long > size - start, size, start + long + long % 2)
        return onward, fmt, tf.where(found, start, data), tf.where(found, long, length)

    zero = tf.constant(0)
    _, fmt, data, length = tf.while_loop(more, after, (tf.constant(12), zero, zero, zero))
    return fmt, data, length


def _samples(content: tf.Tensor, tag: tf.Tensor, bits: tf.Tensor) -> tf.Tensor:
    """The numbers of the data in a row, float32."""
    formats: list[tuple[int, int, Callable[[tf.Tensor], tf.Tensor]]] = [
        (PCM, 8, lambda raw: (tf.cast(_decoded(raw, tf.uint8), tf.float32) - 128.0) / 128.0),
        (PCM, 16, lambda raw: tf.cast(_decoded(raw, tf.int16), tf.float32) / 2.0**15),
        (PCM, 24, _of_three_bytes),
        (PCM, 32, lambda raw: tf.cast(tf.cast(_decoded(raw, tf.int32), tf.float64) / 2.0**31, tf.float32)),
        (FLOAT, 32, lambda raw: _decoded(raw, tf.float32)),
        (FLOAT, 64, lambda raw: tf.cast(_decoded(raw, tf.float64), tf.float32)),
    ]
    matches = tf.stack([(tag == known) & (bits == width) for known, width, _ in formats])
    what = tf.strings.format("in a format that is not read: tag {}, {} bits", (tag, bits))
    with tf.control_dependencies([_refuse(tf.reduce_any(matches), what)]):
        chosen = tf.argmax(tf.cast(matches, tf.int32), output_type=tf.int32)
    return tf.switch_case(chosen, [lambda read=read: read(content) for _, _, read in formats])


def _decoded(raw: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """Numbers, lowest byte first; what is left at the end and makes none is left out."""
    whole = tf.strings.length(raw) // dtype.size * dtype.size
    return tf.io.decode_raw(tf.strings.substr(raw, 0, whole), dtype)


def _of_three_bytes(raw: tf.Tensor) -> tf.Tensor:
    parts = _decoded(raw, tf.uint8)
    parts = tf.cast(tf.reshape(parts[: tf.size(parts) // 3 * 3], [-1, 3]), tf.int32)
    value = parts[:, 0] + 256 * parts[:, 1] + 65536 * parts[:, 2]
    return tf.cast(tf.where(value >= 2**23, value - 2**24, value), tf.float32) / 2.0**23


def _is(contents: tf.Tensor, place: tf.Tensor | int, name: bytes) -> tf.Tensor:
    """Whether these bytes stand there."""
    return tf.equal(_cut(contents, place, len(name)), name)


def _number(contents: tf.Tensor, place: tf.Tensor, count: int) -> tf.Tensor:
    """A whole number without sign of so many bytes, lowest first, int32."""
    return tf.cast(tf.minimum(_unsigned(contents, place, count), tf.int32.max), tf.int32)


def _unsigned(contents: tf.Tensor, place: tf.Tensor, count: int) -> tf.Tensor:
    """The same, int64."""
    parts = tf.cast(tf.io.decode_raw(_cut(contents, place, count), tf.uint8), tf.int64)
    return tf.reduce_sum(parts * 256 ** tf.range(tf.size(parts, tf.int64), dtype=tf.int64))


def _cut(contents: tf.Tensor, place: tf.Tensor | int, count: int) -> tf.Tensor:
    """So many bytes from a place on, or what there is of them."""
    place = tf.minimum(place, tf.strings.length(contents))
    return tf.strings.substr(contents, place, count)


def _refuse(holds: tf.Tensor, what: tf.Tensor | str) -> tf.Operation:
    return tf.debugging.Assert(holds, [what], summarize=1)


def wav_file(samples: np.ndarray, rate: int) -> bytes:
    """A WAV file of one channel: `samples` (n,), int16, or float32 of which full scale is 1."""
    if samples.dtype != np.int16:
        samples = np.clip(np.round(samples * 2.0**15), -(2**15), 2**15 - 1).astype(np.int16)
    content = samples.astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", PCM, 1, rate, 2 * rate, 2, 16)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks
