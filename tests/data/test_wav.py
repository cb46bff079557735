"""Every kind of WAV file, against SciPy or bytes written by hand, and everything that is none."""

import io
import struct

import numpy as np
import pytest
import tensorflow as tf
from scipy.io import wavfile

from kcnn.data.recordings import reason
from kcnn.data.wav import decode, wav_file
from tests.waves import EXTENSIBLE, KINDS, chunk, form, raw, riff, wav

SAMPLES = np.random.default_rng(0).uniform(-1, 1, 101)
STEREO = np.random.default_rng(1).uniform(-1, 1, (50, 2))
STEP = {"u8": 2**-7, "i16": 2**-15, "i24": 2**-23, "i32": 2**-31, "f32": 0, "f64": 0}
TWO_SECONDS = b"\x01\x00\x02\x00"


def by_scipy(content):
    """Samples in -1..1 (frames, channels), float64, and the rate."""
    rate, samples = wavfile.read(io.BytesIO(content))
    samples = samples.reshape(len(samples), -1)
    match samples.dtype.name:
        case "uint8":
            return (samples.astype(float) - 128) / 128, rate
        case "int16":
            return samples / 2.0**15, rate
        case "int32":  # of 24 bits too, which SciPy moves up
            return samples / 2.0**31, rate
        case _:
            return samples.astype(float), rate


def heard(content):
    samples, rate = decode(tf.constant(content))
    assert (samples.dtype, rate.dtype) == (tf.float32, tf.int32)
    return samples.numpy(), int(rate)


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize("given", [SAMPLES, STEREO], ids=["mono", "stereo"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_number_is_read_as_scipy_reads_it(kind, given, extensible):
    content = wav(given, 11025, kind, extensible)

    samples, rate = heard(content)

    expected, their_rate = by_scipy(content)
    assert rate == their_rate == 11025
    np.testing.assert_array_equal(samples, expected.astype(np.float32))
    np.testing.assert_allclose(samples, given.reshape(len(given), -1), atol=STEP[kind] + 1e-7)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_files_that_scipy_writes_are_read(dtype):
    whole = np.issubdtype(dtype, np.integer)
    values = np.random.default_rng(2).integers(0, 200, (40, 3)).astype(dtype) if whole else STEREO.astype(dtype)
    stream = io.BytesIO()
    wavfile.write(stream, 44100, values)

    samples, rate = heard(stream.getvalue())

    assert rate == 44100
    np.testing.assert_array_equal(samples, by_scipy(stream.getvalue())[0].astype(np.float32))


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("u8", b"\x00\x80\xff\x40", [-1, 0, 127 / 128, -0.5]),
        ("i16", b"\x00\x80\x00\x00\xff\x7f\x00\x40", [-1, 0, 32767 / 32768, 0.5]),
        ("i24", b"\x00\x00\x80\x00\x00\x00\xff\xff\x7f\x00\x00\xc0", [-1, 0, 1 - 2**-23, -0.5]),
        ("i32", b"\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00\x40", [-1, 0, 0.5]),
    ],
)
def test_the_ends_and_the_middle_of_what_whole_numbers_hold(kind, content, expected):
    tag, bits, _ = raw(np.zeros(1), kind)

    samples, _ = heard(riff(chunk(b"fmt ", form(tag, 1, 8000, bits)), chunk(b"data", content)))

    np.testing.assert_array_equal(samples[:, 0], np.float32(expected))


@pytest.mark.parametrize("length", [0, 1, 3, 4, 26])
def test_chunks_that_say_something_else_are_passed_over_whatever_their_length(length):
    content = wav(SAMPLES, before=chunk(b"LIST", b"\x07" * length) + chunk(b"odd ", b"dat"))

    np.testing.assert_array_equal(heard(content)[0], heard(wav(SAMPLES))[0])


def test_what_comes_after_the_samples_is_none_of_them():
    content = riff(wav(SAMPLES, kind="u8")[12:], chunk(b"LIST", b"INFOxyz"))

    np.testing.assert_array_equal(heard(content)[0], heard(wav(SAMPLES, kind="u8"))[0])


def test_a_frame_that_is_not_whole_is_left_out():
    content = riff(chunk(b"fmt ", form(1, 2, 8000, 16)), chunk(b"data", b"\x00\x40" * 5 + b"\x01"))

    np.testing.assert_array_equal(heard(content)[0], np.full((2, 2), 0.5))


def test_a_fraction_beyond_full_scale_is_kept():
    np.testing.assert_array_equal(heard(wav(np.array([2.5, -3.0]), kind="f32"))[0][:, 0], [2.5, -3.0])


FMT = chunk(b"fmt ", form(1, 1, 8000, 16))
HALF_FMT = chunk(b"fmt ", form(1, 1, 8000, 16)[:14])
REFUSED = {
    "empty": (b"", "not a WAV file"),
    "text": (b"hello, I am no recording at all", "not a WAV file"),
    "short": (b"RIFF\0\0\0\0WAV", "not a WAV file"),
    "an image": (b"RIFF\0\0\0\0WEBPVP8 ", "not a WAV file"),
    "nothing inside": (riff(), "a WAV file without format or data"),
    "no format": (riff(chunk(b"data", TWO_SECONDS)), "a WAV file without format or data"),
    "half a format": (riff(HALF_FMT, chunk(b"data", TWO_SECONDS)), "a WAV file without format or data"),
    "no data": (riff(FMT), "a WAV file without format or data"),
    "cut short": (wav(SAMPLES)[:-1], "cut short: its header promises more than there is"),
    "cut after the header": (wav(SAMPLES)[:44], "cut short: its header promises more than there is"),
    "a length beyond 31 bits": (
        riff(FMT, b"data\xff\xff\xff\xff" + TWO_SECONDS),
        "cut short: its header promises more than there is",
    ),
    "a length beyond 31 bits, far from the beginning": (
        riff(FMT, chunk(b"LIST", bytes(70_000)), b"data\xff\xff\xff\xff" + TWO_SECONDS),
        "cut short: its header promises more than there is",
    ),
    "no samples": (riff(FMT, chunk(b"data", b"")), "without samples"),
    "half a sample": (riff(FMT, chunk(b"data", b"\1")), "without samples"),
    "no channels": (riff(chunk(b"fmt ", form(1, 0, 8000, 16)), chunk(b"data", TWO_SECONDS)), "without samples"),
    "no rate": (riff(chunk(b"fmt ", form(1, 1, 0, 16)), chunk(b"data", TWO_SECONDS)), "without samples"),
    "mu-law": (
        riff(chunk(b"fmt ", form(7, 1, 8000, 8)), chunk(b"data", TWO_SECONDS)),
        "in a format that is not read: tag 7, 8 bits",
    ),
    "12 bits": (
        riff(chunk(b"fmt ", form(1, 1, 8000, 12)), chunk(b"data", TWO_SECONDS)),
        "in a format that is not read: tag 1, 12 bits",
    ),
    "half precision": (
        riff(chunk(b"fmt ", form(3, 1, 8000, 16)), chunk(b"data", TWO_SECONDS)),
        "in a format that is not read: tag 3, 16 bits",
    ),
    "an extensible form that is cut": (
        riff(chunk(b"fmt ", struct.pack("<H", EXTENSIBLE) + form(1, 1, 8000, 16)[2:]), chunk(b"data", TWO_SECONDS)),
        "in a format that is not read: tag 65534, 16 bits",
    ),
    "not a number": (wav(np.array([0.1, np.nan, 0.2]), kind="f32"), "with samples that are not finite"),
    "infinite": (wav(np.array([0.1, -np.inf]), kind="f64"), "with samples that are not finite"),
    "beyond float32": (wav(np.array([0.1, 1e300]), kind="f64"), "with samples that are not finite"),
}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_be_read_is_refused_in_words(fault, compiled):
    content, message = REFUSED[fault]
    read = tf.function(decode, input_signature=[tf.TensorSpec([], tf.string)], autograph=False) if compiled else decode

    with pytest.raises(tf.errors.InvalidArgumentError) as refused:
        read(tf.constant(content))

    assert reason(refused.value).startswith(message)


def test_every_beginning_of_a_file_is_refused_and_none_crashes():
    content = wav(
        np.random.default_rng(3).uniform(-1, 1, (6, 2)), kind="f32", extensible=True, before=chunk(b"x   ", b"y")
    )
    read = tf.function(decode, input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
    assert read(tf.constant(content))[0].shape == (6, 2)

    for length in range(len(content)):
        with pytest.raises(tf.errors.InvalidArgumentError):
            read(tf.constant(content[:length]))


def test_what_is_written_is_read_by_scipy():
    rate, samples = wavfile.read(io.BytesIO(wav_file(np.array([0, 0.5, -1, 1.5, -2, 1e-5], np.float32), 11025)))

    assert (rate, samples.dtype) == (11025, np.int16)
    assert samples.tolist() == [0, 16384, -32768, 32767, -32768, 0]


def test_whole_numbers_are_written_as_they_are():
    given = np.array([-32768, -1, 0, 1, 32767], np.int16)

    np.testing.assert_array_equal(wavfile.read(io.BytesIO(wav_file(given, 8000)))[1], given)


def test_what_is_written_is_read_again_by_the_graph():
    samples, rate = heard(wav_file(SAMPLES.astype(np.float32), 22050))

    assert rate == 22050
    np.testing.assert_allclose(samples[:, 0], SAMPLES, atol=2**-15)
