"""From the bytes of a recording to what the network hears: one definition for training and the exported graph."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from kcnn.data.wav import decode
from kcnn.recipes.audio import hop

SILENCE = 1e-4
"""The largest distance from its mean that a recording may have to be called silent: 80 dB below full scale."""

RATES = (1000, 768_000)
"""The fewest and the most samples a second that a recording may have: beyond them a header is mistaken."""

MOST = 1 << 26
"""The most samples that a recording may come to: an hour of 16,000 a second. A header of few bytes can promise more."""

CODES = 256
"""Of 8 bits."""

_MU = CODES - 1.0


@dataclass(frozen=True)
class AudioPreparation:
    """`rate` (samples a second), `trim` (dB) and `loudness` (dB of full scale) are as in the recipe.

    `samples` are those that a classifier sees; None where recordings keep their length. `longest` are those of the
    longest in train, `usual` those of the middle one by length, `hop` those of 10 ms. `told` are the names of the
    labels that are told about a recording, by what they say: of its class, of its speaker.
    """

    rate: int
    trim: float | None
    loudness: float | None
    samples: int | None
    longest: int
    usual: int
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def hop(self) -> int:
        """The samples of 10 ms."""
        return hop(self.rate)

    @property
    def shape(self) -> tuple[int | None]:
        """Samples."""
        return (self.samples,)

    @property
    def typical_shape(self) -> tuple[int]:
        """Samples, or those of the longest in train, filled up to whole 10 ms."""
        return (self.samples or -(-self.longest // self.hop) * self.hop,)

    def standardize(self, inputs: tf.Tensor) -> tf.Tensor:
        """What the network hears: recordings are prepared one by one."""
        return inputs

    def waveform(self, contents: tf.Tensor) -> tf.Tensor:
        """The samples (n,), float32, of a WAV file's bytes: of one channel and mean 0, resampled, trimmed, of stated
        loudness.

        Raises `tf.errors.InvalidArgumentError` for what is no such file, has an unlikely rate, or is silent.
        """
        channels, rate = decode(contents)
        with tf.control_dependencies(self._likely(tf.shape(channels)[0], rate)):
            heard = tf.reduce_mean(channels, axis=1)
        # What is not about 0 would be loud where nothing is heard, and end in steps.
        heard = resampled(heard - tf.reduce_mean(heard), rate, self.rate)
        with tf.control_dependencies(
            [tf.debugging.Assert(tf.reduce_max(tf.abs(heard)) > SILENCE, ["silent"], summarize=1)]
        ):
            heard = tf.identity(heard)
        if self.trim is not None:
            heard = trimmed(heard, self.trim, round(0.025 * self.rate), self.hop)
        return heard if self.loudness is None else brought_to(heard, self.loudness)

    def _likely(self, samples: tf.Tensor, rate: tf.Tensor) -> list[tf.Operation]:
        """Checks that are made before memory is taken for what comes of so many samples of that rate."""
        fewest, most = RATES
        odd = tf.strings.format(f"with {{}} samples a second, which may be {fewest} to {most}", rate)
        after = resampled_length(samples, rate, self.rate)
        long = tf.strings.format(f"so long that it comes to {{}} samples, at most {MOST} are heard", after)
        return [
            tf.debugging.Assert((rate >= fewest) & (rate <= most), [odd], summarize=1),
            tf.debugging.Assert(after <= MOST, [long], summarize=1),
        ]

    def fitted(self, waveform: tf.Tensor) -> tf.Tensor:
        """A waveform (n,) of the network's length: in the middle of silence, or its own middle."""
        if self.samples is None:
            return waveform
        missing = tf.maximum(self.samples - tf.size(waveform), 0)
        filled = tf.pad(waveform, [[missing // 2, missing - missing // 2]])
        begin = (tf.size(filled) - self.samples) // 2
        return tf.ensure_shape(filled[begin : begin + self.samples], (self.samples,))

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"kind": "audio", **asdict(self)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "AudioPreparation":
        """The inverse of `to_json`."""
        known = {name: value for name, value in values.items() if name != "kind"}
        return cls(**known | {"told": {name: tuple(names) for name, names in values["told"].items()}})


def resampled(waveform: tf.Tensor, rate: tf.Tensor, wanted: int) -> tf.Tensor:
    """A waveform (n,) of `rate` samples a second, as ceil(n wanted / rate) samples: what both can hold is kept.

    Frequencies are cut off, or filled up with nothing, in the spectrum of the whole recording. That takes it for a
    period: 25 ms of silence and more, up to whole seconds, keep its end from its beginning, and time exact.
    """
    return tf.cond(tf.equal(rate, wanted), lambda: waveform, lambda: _resampled(waveform, rate, wanted))


def resampled_length(samples: tf.Tensor, rate: tf.Tensor, wanted: int) -> tf.Tensor:
    """ceil(samples wanted / rate), int64: how many of `wanted` a second come of so many of `rate`."""
    return -(-tf.cast(samples, tf.int64) * wanted // tf.cast(rate, tf.int64))


def _resampled(waveform: tf.Tensor, rate: tf.Tensor, wanted: int) -> tf.Tensor:
    kept = tf.cast(resampled_length(tf.size(waveform), rate, wanted), tf.int32)
    seconds = (tf.size(waveform) + rate // 40) // rate + 1
    before, after = seconds * rate, seconds * wanted
    waveform = tf.pad(waveform, [[0, before - tf.size(waveform)]])
    common = tf.minimum(before, after)
    spectrum = tf.signal.rfft(waveform)[: common // 2 + 1]
    # The frequency that is half of an even number of samples stands for two, or for one half each.
    double = tf.where(after < before, 2.0, 0.5)
    halfway = (common % 2 == 0) & (before != after) & (tf.range(tf.size(spectrum)) == common // 2)
    spectrum *= tf.cast(tf.where(halfway, double, 1.0), tf.complex64)
    scale = tf.cast(after, tf.float32) / tf.cast(before, tf.float32)
    return tf.signal.irfft(spectrum, [after])[:kept] * scale


def trimmed(waveform: tf.Tensor, decibels: float, window: int, hop: int) -> tf.Tensor:
    """Without what at either end is so much quieter than the loudest window, a mean square over `window` samples."""
    energies = tf.reduce_mean(tf.square(tf.signal.frame(waveform, window, hop, pad_end=True)), axis=1)
    loud = tf.where(energies >= tf.reduce_max(energies) * 10.0 ** (-decibels / 10.0))[:, 0]
    first, last = loud[0] * hop, loud[-1] * hop + window
    return waveform[first:last]


def brought_to(waveform: tf.Tensor, decibels: float) -> tf.Tensor:
    """With a root mean square of so many dB of full scale, or the largest at which no sample is beyond full scale."""
    loudness = tf.sqrt(tf.reduce_mean(tf.square(waveform)))
    peak = tf.reduce_max(tf.abs(waveform))
    return waveform * tf.minimum(10.0 ** (decibels / 20.0) / loudness, 1.0 / peak)


def encoded(waveform: tf.Tensor) -> tf.Tensor:
    """Samples in -1..1 as codes 0..255, int32, of the mu-law. Source: van den Oord et al. 2016, section 2.2."""
    compressed = tf.sign(waveform) * tf.math.log1p(_MU * tf.abs(waveform)) / tf.math.log1p(_MU)
    return tf.cast(tf.clip_by_value(tf.floor((compressed + 1.0) / 2.0 * _MU + 0.5), 0.0, _MU), tf.int32)


def decoded(codes: tf.Tensor) -> tf.Tensor:
    """The samples, float32, that codes stand for."""
    compressed = 2.0 * tf.cast(codes, tf.float32) / _MU - 1.0
    return tf.sign(compressed) * (tf.exp(tf.abs(compressed) * tf.math.log1p(_MU)) - 1.0) / _MU


def amplitude(codes: np.ndarray) -> np.ndarray:
    """The same as `decoded`, of codes that may be halfway between two, float64."""
    compressed = 2.0 * np.asarray(codes, np.float64) / _MU - 1.0
    return np.sign(compressed) * np.expm1(np.abs(compressed) * np.log1p(_MU)) / _MU


SILENT = 128
"""The code of 0, which is what comes before every recording."""
