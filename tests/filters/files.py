"""Pixels of 8 and 16 bits, and files made of them by the standard's letter."""

import struct
import zlib

import numpy as np

DEEP = np.random.default_rng(0).integers(0, 65536, (5, 7, 4), dtype=np.uint16)
FLAT = (DEEP >> 8).astype(np.uint8)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_16(channels, colour_type, extra=b""):
    """A PNG of 16 bits, written by the standard's letter."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 7, 5, 16, colour_type, 0, 0, 0))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in channels)
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def levels(picture):
    return np.rint(picture.pixels * (2**picture.bits - 1)).astype(int)
