"""The mel scale: pitches that sound equally far apart, and the bands of a spectrum that lie so."""

import numpy as np

from kcnn.errors import InputError


def mel(hertz: np.ndarray | float) -> np.ndarray:
    """The pitch of a frequency (Hz), in mels. Source: O'Shaughnessy 1987, *Speech Communication*, page 150."""
    return 2595.0 * np.log10(1.0 + np.asarray(hertz) / 700.0)


def hertz(mels: np.ndarray | float) -> np.ndarray:
    """The inverse of `mel`."""
    return 700.0 * (10.0 ** (np.asarray(mels) / 2595.0) - 1.0)


def bands(rate: int, length: int, count: int, lowest: float = 20.0) -> np.ndarray:
    """Weights (length // 2 + 1, count) that sum a spectrum of `length` samples into bands on the mel scale.

    A band is a triangle of height 1 from the middle of the band below to that of the band above; the lowest begins at
    `lowest` Hz, the highest ends at half of `rate`, the samples a second.
    Raises InputError where a band would lie between two frequencies of the spectrum, and hear nothing.
    """
    edges = hertz(np.linspace(mel(lowest), mel(rate / 2), count + 2))
    below, middle, above = edges[:-2], edges[1:-1], edges[2:]
    frequencies = np.fft.rfftfreq(length, 1 / rate)[:, np.newaxis]
    rising, falling = (frequencies - below) / (middle - below), (above - frequencies) / (above - middle)
    weights = np.maximum(0.0, np.minimum(rising, falling))
    if not weights.any(axis=0).all():
        raise InputError(f"{count} bands are too many for {length} samples at {rate} a second: some would be empty")
    return weights
