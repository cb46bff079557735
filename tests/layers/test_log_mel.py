"""The log-mel spectrogram against one written in NumPy, window by window."""

import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import LogMel
from tests.contracts.layer import LayerContract

RNG = np.random.default_rng(0)


class TestContract(LayerContract):
    input_shape = (70, 1)
    counted = False

    def make(self, **kwargs):
        return LogMel(**{"rate": 1000, "bins": 4, "hop": 10} | kwargs)

    def test_it_says_what_it_costs(self):
        layer = self.make()

        assert layer.multiply_adds((None, 70, 1), layer.compute_output_shape((None, 70, 1))) == 7 * 17 * 4


def mel(hertz):
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def by_formula(waveform, rate, bins, hop):
    """Energies of Hann windows of 2.5 hops around the middle of each hop, summed in triangles that are even in mels."""
    window = round(2.5 * hop)
    length = 1
    while length < window:
        length *= 2
    # The window at half steps: symmetric, and no sample of it weighs nothing.
    hann = np.sin(np.pi * (np.arange(window) + 0.5) / window) ** 2
    steps = -(-len(waveform) // hop)
    frequencies = np.arange(length // 2 + 1) * rate / length
    edges = 700 * (10 ** (np.linspace(mel(20), mel(rate / 2), bins + 2) / 2595) - 1)
    answers = np.empty((steps, bins))
    for step in range(steps):
        first = step * hop - (window - hop) // 2
        heard = [waveform[place] if 0 <= place < len(waveform) else 0.0 for place in range(first, first + window)]
        energies = np.abs(np.fft.rfft(hann * heard, length)) ** 2 / (hann.sum() / 2) ** 2
        for band in range(bins):
            triangle = np.interp(frequencies, edges[band : band + 3], [0, 1, 0])
            answers[step, band] = np.log(energies @ triangle + 1e-5)
    return answers


@pytest.mark.parametrize(("rate", "bins", "hop"), [(8000, 40, 80), (16000, 24, 160), (11025, 20, 110), (1000, 3, 7)])
@pytest.mark.parametrize("steps", [1, 79, 80, 81, 500])
def test_it_equals_the_formula_whatever_the_length(rate, bins, hop, steps):
    waveform = RNG.uniform(-1, 1, (2, steps)).astype("float32")

    answer = LogMel(rate, bins, hop)(waveform)

    assert answer.shape == (2, -(-steps // hop), bins)
    for one, found in zip(waveform, answer, strict=True):
        np.testing.assert_allclose(found, by_formula(one, rate, bins, hop), atol=2e-3)


def test_a_channel_of_one_is_no_other_waveform():
    waveform = RNG.uniform(-1, 1, (2, 200)).astype("float32")

    np.testing.assert_array_equal(LogMel(8000)(waveform[..., np.newaxis]), LogMel(8000)(waveform))


@pytest.mark.parametrize("hertz", [150, 440, 1000, 2000, 3500])
def test_the_loudest_band_of_a_sine_is_that_which_holds_its_frequency(hertz):
    waveform = np.sin(2 * np.pi * hertz * np.arange(4000) / 8000).astype("float32")[np.newaxis]
    middles = np.linspace(mel(20), mel(4000), 42)[1:-1]

    energies = np.asarray(LogMel(8000, 40, 80)(waveform))[0, 5:-5]

    nearest = np.abs(middles - mel(hertz)).argmin()
    assert np.abs(energies.argmax(-1) - nearest).max() <= 1
    assert energies.max() == pytest.approx(0, abs=0.8)  # a sine at full scale has about an energy of 1


def test_silence_is_the_floor():
    np.testing.assert_allclose(LogMel(8000)(np.zeros((1, 160), "float32")), np.log(1e-5), rtol=1e-5)


def test_the_number_of_samples_may_be_unknown():
    waveform = keras.Input((None,))
    layer = LogMel(8000, 10)
    model = keras.Model(waveform, layer(waveform))

    assert model.output.shape == (None, None, 10)
    for steps in (1, 80, 333):
        x = RNG.uniform(-1, 1, (2, steps)).astype("float32")
        np.testing.assert_allclose(model.predict(x, verbose=0), layer(x), atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_the_spectrum_is_computed_in_float32_under_any_precision(policy):
    """Samples of 1e-4 squared are nothing in float16."""
    waveform = (1e-4 * RNG.uniform(-1, 1, (2, 400))).astype("float32")
    waveform[1] *= 1e3

    half = keras.ops.cast(LogMel(8000, dtype=policy)(waveform), "float32")

    exact = np.asarray(LogMel(8000)(waveform))
    rounding = 2**-8 if policy == "mixed_bfloat16" else 2**-11
    np.testing.assert_allclose(half, exact, rtol=1.01 * rounding, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0}, "rate must be at least 1, got 0"),
        ({"bins": 0}, "bins must be at least 1, got 0"),
        ({"hop": 0}, "hop must be at least 1, got 0"),
        ({"bins": 200}, "200 bands are too many for 256 samples at 8000 a second: some would be empty"),
    ],
)
def test_what_hears_nothing_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        LogMel(**{"rate": 8000} | options)
