"""What is done to a recording before a network hears it, against SciPy and formulas in NumPy."""

import json
import resource

import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import resample

from kcnn.data.preparation import preparation
from kcnn.data.recordings import reason
from kcnn.data.sounds import (
    CODES,
    SILENT,
    AudioPreparation,
    amplitude,
    brought_to,
    decoded,
    encoded,
    resampled,
    trimmed,
)
from tests.waves import wav

RNG = np.random.default_rng(0)


def prepared(**changes):
    usual = {"rate": 8000, "trim": None, "loudness": None, "samples": None, "longest": 1, "usual": 1}
    return AudioPreparation(**usual | changes)


def tensor(values):
    return tf.constant(np.asarray(values, np.float32))


# Rates


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [(8000, 16000), (16000, 8000), (44100, 8000), (8000, 11025), (12000, 8000), (8001, 8000), (3, 1000)],
)
@pytest.mark.parametrize("length", [1, 2, 3, 40, 41, 441, 442])
def test_another_rate_is_the_resampling_of_scipy_of_whole_seconds(length, rate, wanted):
    given = RNG.uniform(-1, 1, length).astype(np.float32)

    found = resampled(tensor(given), tf.constant(rate), wanted).numpy()

    seconds = (length + rate // 40) // rate + 1
    expected = resample(np.pad(given.astype(float), (0, seconds * rate - length)), seconds * wanted)
    assert found.shape == (-(-length * wanted // rate),)
    np.testing.assert_allclose(found, expected[: len(found)], atol=1e-5)


@pytest.mark.parametrize(("rate", "wanted"), [(16000, 8000), (8000, 11025), (8001, 8000)])
@pytest.mark.parametrize("length", [500, 8000])
def test_an_end_is_not_heard_at_the_beginning_nor_the_other_way_round(rate, wanted, length):
    given = np.zeros(length, np.float32)
    given[-1] = 1.0

    for turned in (1, -1):
        found = resampled(tensor(given[::turned]), tf.constant(rate), wanted).numpy()[::turned]
        assert np.abs(found[: len(found) // 2]).max() < 0.005
        assert np.abs(found[-2:]).max() > 0.3


def test_a_moment_keeps_its_time_whatever_the_length():
    """A beat at 30 ms is at sample 240 of 8,000 a second, of 441, 442, ... samples of 11,025."""
    for length in range(441, 452):
        times = np.arange(length) / 11025
        given = np.exp(-(((times - 0.03) / 0.001) ** 2))

        found = resampled(tensor(given), tf.constant(11025), 8000).numpy()

        expected = np.exp(-(((np.arange(len(found)) / 8000 - 0.03) / 0.001) ** 2))
        np.testing.assert_allclose(found, expected, atol=1e-4)


def test_at_the_same_rate_nothing_is_touched():
    given = RNG.uniform(-1, 1, 33).astype(np.float32)

    np.testing.assert_array_equal(resampled(tensor(given), tf.constant(8000), 8000), given)


@pytest.mark.parametrize(("rate", "wanted"), [(16000, 8000), (8000, 22050)])
def test_what_both_rates_can_hold_is_kept_and_what_only_the_higher_holds_is_lost(rate, wanted):
    def swelling(hertz, rate):
        return np.hanning(rate // 10 + 1)[:-1] * np.sin(2 * np.pi * hertz * np.arange(rate // 10) / rate)

    given = swelling(1000, rate) + (swelling(6000, rate) if rate == 16000 else 0)

    found = resampled(tensor(given), tf.constant(rate), wanted).numpy()

    np.testing.assert_allclose(found, swelling(1000, wanted), atol=1e-4)


# Ends


def test_what_is_quiet_at_both_ends_is_cut_off_and_what_is_quiet_within_is_kept():
    loud, quiet = np.full(200, 0.5), np.full(400, 0.001)
    given = np.concatenate([quiet, loud, quiet, loud, quiet])

    found = trimmed(tensor(given), 40.0, 20, 10).numpy()

    # Of the windows of 20 every 10 samples, those from 390 on hold something loud, up to that from 1190 on.
    np.testing.assert_array_equal(found, given[390:1210].astype(np.float32))


@pytest.mark.parametrize(("decibels", "kept"), [(19.9, 100), (20.1, 300)])
def test_so_many_decibels_below_the_loudest_is_a_ratio_of_mean_squares(decibels, kept):
    given = np.concatenate([np.full(100, 0.1), np.full(100, 1.0), np.full(100, 0.1)])

    assert len(trimmed(tensor(given), decibels, 10, 10)) == kept


def test_a_recording_shorter_than_a_window_is_kept_whole():
    given = np.array([0.1, -0.2, 0.3], np.float32)

    np.testing.assert_array_equal(trimmed(tensor(given), 40.0, 200, 80), given)


def test_a_window_is_25_ms_every_10_ms():
    given = np.zeros(8000)
    given[4000] = 0.5  # windows that begin at 3840, 3920 and 4000 hold it

    found = prepared(trim=30.0).waveform(tf.constant(wav(given))).numpy()

    np.testing.assert_allclose(found, given[3840:4200], atol=1e-4)
    assert len(found) == 360


# Loudness


def test_a_loudness_is_a_root_mean_square_in_decibels_of_full_scale():
    found = brought_to(tensor(RNG.normal(0, 0.01, 500)), -20.0).numpy()

    assert 20 * np.log10(np.sqrt(np.mean(np.square(found, dtype=float)))) == pytest.approx(-20.0, abs=1e-4)


def test_it_ends_where_the_largest_sample_would_leave_full_scale():
    given = np.zeros(500)
    given[[7, 9]] = 0.01, -0.02

    found = brought_to(tensor(given), -6.0).numpy()

    assert np.abs(found).max() == pytest.approx(1.0)
    np.testing.assert_allclose(found, given / 0.02, atol=1e-6)


# As a whole


def test_channels_become_their_mean():
    given = RNG.uniform(-1, 1, (60, 3))

    found = prepared().waveform(tf.constant(wav(given, kind="f64"))).numpy()

    np.testing.assert_allclose(found, given.mean(1) - given.mean(), atol=1e-6)


def test_an_offset_is_no_sound():
    """Neither to what is cut off, nor to the loudness, nor where rates change."""
    times = np.arange(1600) / 16000
    heard = np.pad(0.05 * np.hanning(1600) * np.sin(2 * np.pi * 500 * times), 3200)
    one = prepared(trim=40.0, loudness=-20.0)

    plain, moved = (one.waveform(tf.constant(wav(heard + by, 16000, "f64"))).numpy() for by in (0.0, 0.3))

    assert len(plain) < 1200
    np.testing.assert_allclose(moved, plain, atol=1e-4)


def test_a_file_is_resampled_then_cut_then_brought_to_its_loudness():
    times = np.arange(4000) / 16000
    given = np.pad(0.05 * np.sin(2 * np.pi * 500 * times), 3200)

    found = prepared(trim=40.0, loudness=-20.0).waveform(tf.constant(wav(given, 16000, "f32"))).numpy()

    assert 2000 <= len(found) <= 2000 + 2 * 200
    assert np.sqrt(np.mean(np.square(found))) == pytest.approx(0.1, rel=1e-4)


@pytest.mark.parametrize(
    "given", [np.zeros(300), np.full(300, 0.25), np.full(300, 0.25) + np.resize([5e-5, -5e-5], 300)]
)
@pytest.mark.parametrize("compiled", [False, True])
def test_silence_is_refused_also_beside_a_constant(given, compiled):
    one = prepared(trim=40.0, loudness=-20.0)
    signature = [tf.TensorSpec([], tf.string)]
    waveform = tf.function(one.waveform, input_signature=signature, autograph=False) if compiled else one.waveform

    with pytest.raises(tf.errors.InvalidArgumentError) as refused:
        waveform(tf.constant(wav(given, kind="f32")))
    assert reason(refused.value) == "silent"


def test_what_is_louder_than_80_decibels_below_full_scale_is_no_silence():
    given = np.resize([1.5e-4, -1.5e-4], 300)

    np.testing.assert_allclose(prepared().waveform(tf.constant(wav(given, kind="f32"))), given, rtol=1e-5)


@pytest.mark.parametrize(
    ("rate", "count", "message"),
    [
        (1, 1000, "with 1 samples a second, which may be 1000 to 768000"),
        (999, 1000, "with 999 samples a second, which may be 1000 to 768000"),
        (2**31, 1000, "with 2147483647 samples a second, which may be 1000 to 768000"),
        (1000, 349_526, "so long that it comes to 67108992 samples, at most 67108864 are heard"),
    ],
)
def test_a_header_that_promises_more_than_memory_holds_is_refused_before_it_is_taken(rate, count, message):
    """A file of 1,000 samples, one a second, is 192 million of 192,000 a second."""
    content = wav(np.resize([0.5, -0.5], count), rate, "u8")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(tf.errors.InvalidArgumentError) as refused:
        prepared(rate=192_000).waveform(tf.constant(content))

    assert reason(refused.value) == message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_the_slowest_rate_is_heard():
    assert len(prepared(rate=4000).waveform(tf.constant(wav(np.resize([0.5, -0.5], 50), 1000)))) == 200


# Length


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (5, [1, 2, 3, 4, 5]),
        (3, [0, 1, 2, 3, 0]),
        (2, [0, 1, 2, 0, 0]),
        (1, [0, 0, 1, 0, 0]),
        (7, [2, 3, 4, 5, 6]),
        (8, [2, 3, 4, 5, 6]),
        (9, [3, 4, 5, 6, 7]),
    ],
)
def test_a_short_recording_stands_in_the_middle_and_of_a_long_one_the_middle_is_heard(length, expected):
    found = prepared(samples=5).fitted(tensor(np.arange(1, length + 1)))

    assert found.shape == (5,)
    np.testing.assert_array_equal(found, expected)


def test_without_a_length_recordings_keep_theirs():
    given = tensor(RNG.normal(size=17))

    np.testing.assert_array_equal(prepared().fitted(given), given)


@pytest.mark.parametrize(
    ("rate", "samples", "longest", "shape", "typical", "hop"),
    [
        (8000, 4000, 9000, (4000,), (4000,), 80),
        (8000, None, 801, (None,), (880,), 80),
        (11025, None, 220, (None,), (220,), 110),
        (1049, None, 1, (None,), (10,), 10),
    ],
)
def test_shapes_are_samples_in_whole_hops_of_10_ms(rate, samples, longest, shape, typical, hop):
    one = prepared(rate=rate, samples=samples, longest=longest)

    assert (one.shape, one.typical_shape, one.hop) == (shape, typical, hop)


def test_a_batch_is_standardised_already():
    batch = tensor(RNG.normal(size=(2, 5)))

    np.testing.assert_array_equal(prepared(samples=5).standardize(batch), batch)


# Codes


def test_codes_are_those_of_the_mu_law():
    """G.711's law with mu = 255, continuous: van den Oord et al. 2016, section 2.2."""
    given = np.concatenate([RNG.uniform(-1, 1, 500), 10.0 ** -RNG.uniform(0, 6, 200), [0.0, 1.0, -1.0]])

    found = encoded(tensor(given)).numpy()

    compressed = np.sign(given) * np.log(1 + 255 * np.abs(given)) / np.log(256)
    exact = (compressed + 1) / 2 * 255
    assert found.dtype == np.int32
    assert np.abs(found - exact).max() <= 0.5 + 1e-4
    clear = np.abs(exact - np.floor(exact) - 0.5) > 1e-3  # where float32 cannot round to either side
    np.testing.assert_array_equal(found[clear], np.round(exact[clear]))


def test_the_first_and_the_last_code_are_full_scale_and_silence_is_in_the_middle():
    assert encoded(tensor([-1, 1, 0, -1.7, 2.0])).numpy().tolist() == [0, 255, SILENT, 0, 255]
    assert decoded(tf.constant([0, 255])).numpy().tolist() == pytest.approx([-1, 1], rel=1e-5)
    assert abs(float(decoded(tf.constant(SILENT)))) < 1e-4
    assert CODES == 256


def test_every_code_stands_for_itself():
    codes = np.arange(256)

    np.testing.assert_array_equal(encoded(decoded(tf.constant(codes))), codes)


def test_a_sample_is_never_further_from_what_its_code_stands_for_than_half_a_step():
    """A step of the compressed sample is 2 / 255, and the law's slope there at most ln(256) (1 / 255 + |x|)."""
    given = RNG.uniform(-1, 1, 3000)

    error = np.abs(decoded(encoded(tensor(given))) - given)

    assert (error <= 1.02 * np.log(256) / 255 * (1 / 255 + np.abs(given)) + 1e-6).all()


def test_numpy_and_tensorflow_decode_the_same_and_between_two_codes_is_between():
    codes = np.arange(256)

    np.testing.assert_allclose(amplitude(codes), decoded(tf.constant(codes)), rtol=1e-4, atol=1e-7)
    assert (np.diff(amplitude(np.arange(-0.5, 256, 0.5))) > 0).all()
    np.testing.assert_allclose(amplitude(127.5), 0, atol=1e-12)


# Kept


@pytest.mark.parametrize(
    "one",
    [
        prepared(trim=30.0, loudness=-10.0, samples=4000, longest=7, usual=5),
        prepared(told={"class": ("no", "yes"), "speaker": ("ann", "bob")}),
    ],
)
def test_it_survives_json_and_is_known_by_its_kind(one):
    values = json.loads(json.dumps(one.to_json()))

    assert values["kind"] == "audio"
    assert preparation(values) == AudioPreparation.from_json(values) == one
