"""What a network that continues sounds has to beat: hand computations, and sounds whose law is known."""

import numpy as np
import pytest
from scipy.stats import cauchy

from kcnn.data.sounds import CODES, SILENT, amplitude
from kcnn.evaluation.sounds import LinearPrediction, histogram_bits


def coded(samples):
    """The nearest codes to samples in -1..1."""
    return np.abs(samples[:, np.newaxis] - amplitude(np.arange(CODES))).argmin(1).astype(np.uint8)


def spoken(weights, scale, steps, seed):
    """A sound that follows a linear law of two samples, but for errors with heavy tails, Student's of three degrees."""
    random = np.random.default_rng(seed)
    heard = [0.0, 0.0]
    for _ in range(steps):
        heard.append(np.clip(weights[0] * heard[-1] + weights[1] * heard[-2] + random.standard_t(3) * scale, -1, 1))
    return coded(np.array(heard[2:]))


def fitted(train):
    return LinearPrediction.fitted(train, amplitude, SILENT, CODES)


def test_codes_cost_as_many_bits_as_they_are_rare_in_train():
    """Train has 0 three times and 1 once; with one more of each of 4 codes, the shares are 4, 2, 1 and 1 eighth."""
    train = [np.array([0, 0], np.uint8), np.array([0, 1], np.uint8)]

    assert histogram_bits(train, [np.array([0], np.uint8)], 4) == pytest.approx(1)
    assert histogram_bits(train, [np.array([0, 1], np.uint8), np.array([2], np.uint8)], 4) == pytest.approx(
        (1 + 2 + 3) / 3
    )


def test_codes_that_are_all_as_frequent_cost_8_bits():
    every = [np.arange(256).astype(np.uint8)]

    assert histogram_bits(every, [np.array([7, 200], np.uint8)], 256) == pytest.approx(8)


def test_the_weights_of_a_sound_that_follows_a_linear_law_are_found():
    train = [spoken((1.6, -0.8), 0.01, 4000, seed) for seed in range(3)]

    found = fitted(train)

    np.testing.assert_allclose(found.weights, [1.6, -0.8, 0.0], atol=0.05)


def test_it_costs_fewer_bits_than_the_histogram_where_there_is_a_law_and_not_where_there_is_none():
    train, test = ([spoken((1.8, -0.9), 0.005, 4000, seed)] for seed in (0, 1))
    noise = [np.random.default_rng(seed).integers(0, 256, 4000).astype(np.uint8) for seed in (0, 1)]

    assert fitted(train).bits(test) < histogram_bits(train, test, CODES) - 1
    assert fitted(noise[:1]).bits(noise[1:]) > histogram_bits(noise[:1], noise[1:], CODES) - 0.05


def test_bits_are_those_of_the_probability_of_what_came():
    """One code after another: its share of Cauchy's distribution around what is expected, and of the rest a 256th."""
    one = LinearPrediction(amplitude, SILENT, CODES, np.array([0.5, 0.25, 0.01]), 0.02)
    codes = np.array([140, 0, 255, 90], np.uint8)

    heard = amplitude(np.array([SILENT, SILENT, *codes]))
    expected = 0.5 * heard[1:-1] + 0.25 * heard[:-2] + 0.01
    spread = cauchy(loc=expected, scale=0.02)
    above = spread.cdf(amplitude(codes + 0.5))
    below = spread.cdf(amplitude(codes - 0.5))
    above[2], below[1] = 1, 0  # the outermost codes have all that lies beyond
    bits = -np.log2(0.999 * (above - below) + 0.001 / 256)
    assert one.bits([codes]) == pytest.approx(bits.mean())


def test_the_probabilities_of_all_codes_are_1_and_none_is_impossible():
    one = LinearPrediction(amplitude, SILENT, CODES, np.array([1.9, -0.95, 0.0]), 1e-5)

    shares = np.array([2.0 ** -one.bits([np.array([code], np.uint8)]) for code in range(256)])

    assert shares.sum() == pytest.approx(1, abs=1e-6)
    assert shares.min() >= 0.001 / 256 * (1 - 1e-9)


def test_a_constant_recording_is_fitted_and_its_weights_are_finite():
    silence = [np.full(50, SILENT, np.uint8)]

    found = fitted(silence)

    assert np.isfinite(found.weights).all()
    assert found.bits(silence) < 0.1


def test_the_scale_is_that_at_which_train_costs_the_fewest_bits():
    train = [spoken((1.2, -0.5), 0.02, 2000, 0)]
    best = fitted(train)

    for factor in (0.8, 1.25):
        other = LinearPrediction(amplitude, SILENT, CODES, best.weights, best.scale * factor)
        assert other.bits(train) > best.bits(train)


def test_recordings_do_not_run_into_one_another():
    """Before each of them is silence."""
    first, second = (spoken((1.2, -0.5), 0.02, 300, seed) for seed in (0, 1))
    one = fitted([first, second])

    apart = (one.bits([first]) + one.bits([second])) / 2
    assert one.bits([first, second]) == pytest.approx(apart)
