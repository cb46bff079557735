import numpy as np
import pytest

from kcnn.arithmetic.mel import bands, hertz, mel
from kcnn.errors import InputError


@pytest.mark.parametrize(("frequency", "pitch"), [(0, 0), (700, 781.17), (1000, 999.99), (8000, 2840.02)])
def test_a_pitch_is_that_of_the_table(frequency, pitch):
    """1000 Hz are 1000 mels, about; 700 Hz are 2595 log10(2)."""
    assert mel(frequency) == pytest.approx(pitch, abs=0.01)


def test_a_frequency_is_found_again_by_its_pitch():
    frequencies = np.linspace(0, 20_000, 101)

    np.testing.assert_allclose(hertz(mel(frequencies)), frequencies, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("rate", "length", "count"), [(8000, 256, 40), (16000, 512, 40), (44100, 2048, 80), (8000, 256, 1)]
)
def test_bands_overlap_so_that_every_frequency_between_the_outer_middles_weighs_1(rate, length, count):
    weights = bands(rate, length, count)

    middles = hertz(np.linspace(mel(20.0), mel(rate / 2), count + 2))[1:-1]
    frequencies = np.arange(length // 2 + 1) * rate / length
    within = (frequencies >= middles[0]) & (frequencies <= middles[-1])
    assert weights.shape == (length // 2 + 1, count)
    assert weights.min() == 0
    np.testing.assert_allclose(weights[within].sum(1), 1)
    assert (weights.sum(1) <= 1 + 1e-9).all()


def test_a_band_is_highest_at_its_middle_and_nothing_beyond_those_of_its_neighbours():
    weights = bands(16000, 4096, 20)

    edges = hertz(np.linspace(mel(20.0), mel(8000.0), 22))
    frequencies = np.arange(2049) * 16000 / 4096
    for band, (below, middle, above) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        expected = np.interp(frequencies, [below, middle, above], [0, 1, 0])
        np.testing.assert_allclose(weights[:, band], expected, atol=1e-9)


def test_what_is_lower_than_the_lowest_is_not_heard():
    assert not bands(16000, 4096, 20, lowest=500.0)[: 500 * 4096 // 16000].any()


def test_more_bands_than_the_spectrum_has_frequencies_are_refused():
    with pytest.raises(
        InputError, match="200 bands are too many for 256 samples at 8000 a second: some would be empty"
    ):
        bands(8000, 256, 200)
