"""WAV files written byte by byte, and small recordings that a network can learn from."""

import struct
from pathlib import Path

import numpy as np

WHOLE, FRACTION, EXTENSIBLE = 1, 3, 0xFFFE


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a RIFF file, filled up to an even length."""
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def form(tag: int, channels: int, rate: int, bits: int, extensible: bool = False) -> bytes:
    """The content of the chunk `fmt `."""
    width = channels * bits // 8
    plain = struct.pack("<HIIHH", channels, rate, rate * width, width, bits)
    if not extensible:
        return struct.pack("<H", tag) + plain
    guid = struct.pack("<H", tag) + b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    return struct.pack("<H", EXTENSIBLE) + plain + struct.pack("<HHI", 22, bits, 0) + guid


def riff(*chunks: bytes) -> bytes:
    """A file of these chunks."""
    return b"RIFF" + struct.pack("<I", 4 + sum(map(len, chunks))) + b"WAVE" + b"".join(chunks)


def raw(samples: np.ndarray, kind: str) -> tuple[int, int, bytes]:
    """Tag, bits and bytes of samples in -1..1, which are spread over what the kind of number can hold."""
    flat = np.ravel(samples)
    match kind:
        case "u8":
            return WHOLE, 8, np.clip(np.round(flat * 128) + 128, 0, 255).astype("u1").tobytes()
        case "i24":
            wide = np.clip(np.round(flat * 2**23), -(2**23), 2**23 - 1).astype("<i4")
            return WHOLE, 24, wide.view("u1").reshape(-1, 4)[:, :3].tobytes()
        case "i16" | "i32":
            bits = int(kind[1:])
            top = 2 ** (bits - 1)
            return WHOLE, bits, np.clip(np.round(flat * float(top)), -top, top - 1).astype(f"<i{bits // 8}").tobytes()
        case _:
            bits = int(kind[1:])
            return FRACTION, bits, flat.astype(f"<f{bits // 8}").tobytes()


KINDS = ("u8", "i16", "i24", "i32", "f32", "f64")


def wav(
    samples: np.ndarray, rate: int = 8000, kind: str = "i16", extensible: bool = False, before: bytes = b""
) -> bytes:
    """A file of samples (n,) or (n, channels) in -1..1; the chunks `before` stand between format and samples."""
    tag, bits, content = raw(samples, kind)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    return riff(chunk(b"fmt ", form(tag, channels, rate, bits, extensible)), before, chunk(b"data", content))


def tone(hertz: float, seconds: float, rate: int, height: float = 0.4, seed: int = 0) -> np.ndarray:
    """A sine with a little noise, between silences of 50 ms."""
    random = np.random.default_rng(seed)
    times = np.arange(round(seconds * rate)) / rate
    heard = height * np.sin(2 * np.pi * hertz * times) + random.normal(0, 0.01, len(times))
    return np.pad(heard, round(0.05 * rate))


PITCHES = {"high": 1500.0, "low": 300.0}
SPEAKERS = {"ann": 1.0, "bob": 1.15}
"""What multiplies the pitch."""


def corpus(folder: Path, count: int = 10, rates: tuple[int, ...] = (8000, 11025, 16000), seconds: float = 0.12) -> Path:
    """`count` recordings of each class by each speaker, of several rates, kinds of numbers and channels.

    Their files are called `<class>_<speaker>_<number>.wav`.
    """
    for label, hertz in PITCHES.items():
        (folder / label).mkdir(parents=True)
        for speaker, factor in SPEAKERS.items():
            for number in range(count):
                rate = rates[number % len(rates)]
                heard = tone(hertz * factor, seconds + 0.005 * number, rate, seed=number)
                both = np.stack([heard, 0.5 * heard], axis=1) if number % 2 else heard
                content = wav(both, rate, KINDS[number % len(KINDS)], extensible=number % 3 == 2)
                (folder / label / f"{label}_{speaker}_{number}.wav").write_bytes(content)
    return folder
