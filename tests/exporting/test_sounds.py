"""Sounds made a step at a time, against the whole network on all steps so far; and what is published of networks."""

import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.io import wavfile
from scipy.special import softmax

from kcnn.data.sounds import SILENT, AudioPreparation, amplitude
from kcnn.errors import InputError
from kcnn.experiment.sounder import Sounder
from kcnn.exporting.saved_model import write
from kcnn.exporting.sounds import SoundClassifier, SoundMaker, chosen, continued, drawn, missed
from kcnn.models import build
from kcnn.models.stepwise import Stepwise
from tests.waves import KINDS, tone, wav

RATE = 8000
TOLD = {"class": ("no", "yes"), "speaker": ("ann", "bob", "eve")}
PREPARATION = AudioPreparation(RATE, 40.0, -20.0, None, longest=400, usual=200, told=TOLD)
CONDITIONS = {name: len(names) for name, names in TOLD.items()}
SAID = [{"class": "yes", "speaker": "eve"}, {"class": "no", "speaker": "ann"}]


def network(name="wavenet", seed=1, **options):
    """A network for 256 codes, whose drawn weights make sounds that depend on what came before."""
    small = {"filters": 4, "skip": 6} if name == "wavenet" else {"units": 5}
    model = build(name, (None,), 256, **small | options)
    random = np.random.default_rng(seed)
    model.set_weights([random.normal(0, 0.5, weight.shape) for weight in model.weights])
    return model


def naive(model, told, uniform, temperature=1.0):
    """Each code by one pass of the whole network over all codes so far, in NumPy where it is drawn."""
    asked = tf.function(lambda given: model(given, training=False), reduce_retracing=True)
    count, steps = uniform.shape
    codes = np.full((count, 1), SILENT, np.int32)
    for time in range(steps):
        given = {"codes": tf.constant(codes), **told}
        if "local" in told:
            given["local"] = told["local"][:, : -(-codes.shape[1] // 80)]
            pad = -codes.shape[1] % 80
            given["codes"] = tf.constant(np.pad(codes, ((0, 0), (0, pad))))
        logits = asked(given).numpy()[:, time] / temperature
        sums = np.cumsum(softmax(logits, -1), -1)
        drawn_codes = [
            np.searchsorted(row[:-1], one, side="right") for row, one in zip(sums, uniform[:, time], strict=True)
        ]
        codes = np.append(codes, np.array(drawn_codes, np.int32)[:, np.newaxis], axis=1)
    return codes[:, 1:]


def numbers(said=SAID):
    return {name: tf.constant([TOLD[name].index(each[name]) for each in said], tf.int32) for name in TOLD}


CASES = [
    ("wavenet", {"stacks": 2, "levels": 3, "conditions": CONDITIONS}, 0),
    ("wavenet", {"stacks": 1, "levels": 3, "kernel": 3, "conditions": CONDITIONS, "local": 4}, 4),
    ("wave_lstm", {"depth": 2, "conditions": CONDITIONS}, 0),
]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("name", "options", "local"), CASES)
def test_the_cached_loop_makes_the_samples_of_the_naive_one(name, options, local, compiled):
    model = network(name, **options)
    told = numbers()
    if local:
        told["local"] = tf.constant(np.random.default_rng(0).normal(size=(2, 2, local)), tf.float32)
    uniform = np.stack([drawn(seed, 100, RATE) for seed in (0, 1)])
    network_ = Stepwise(model, "codes")

    def make(told, uniform):
        return continued(network_, told, uniform)

    made = (tf.function(make, autograph=False) if compiled else make)(told, tf.constant(uniform))

    assert (made.shape, made.dtype) == ((2, 100), tf.int32)
    np.testing.assert_array_equal(made, naive(model, told, uniform))


@pytest.mark.slow
def test_at_the_depth_of_the_paper_too():
    """30 layers, which hear 3,071 samples back: what is remembered has long been full, and is forgotten again."""
    model = network(stacks=3, levels=10, conditions=CONDITIONS)
    uniform = tf.constant(np.stack([drawn(seed, 3400, RATE) for seed in (0, 1)]))
    stepwise = Stepwise(model, "codes")

    made = tf.function(lambda: continued(stepwise, numbers(), uniform), jit_compile=True, autograph=False)()

    before = tf.pad(made, [[0, 0], [1, 0]], constant_values=SILENT)[:, :-1]
    logits = model({"codes": before, **numbers()}, training=False)
    assert missed(logits, made, uniform).numpy().max() < 1e-5
    assert len(np.unique(made)) > 50


def test_a_code_is_drawn_by_the_sums_of_the_probabilities():
    logits = np.log(np.array([[0.2, 0.3, 0.5]] * 6, np.float32))
    uniform = np.array([0.0, 0.19, 0.21, 0.49, 0.51, 0.9999], np.float32)

    assert chosen(tf.constant(logits), tf.constant(uniform)).numpy().tolist() == [0, 0, 1, 1, 2, 2]


def test_a_number_misses_the_sums_around_its_own_code_by_nothing_and_around_others_by_its_distance():
    logits = np.log(np.tile(np.array([0.2, 0.3, 0.5], np.float32), (2, 4, 1)))
    uniform = np.array([[0.0, 0.1999999, 0.35, 0.9]] * 2, np.float32)

    right = missed(tf.constant(logits), tf.constant([[0, 0, 1, 2]] * 2), tf.constant(uniform))
    others = missed(tf.constant(logits), tf.constant([[2, 1, 0, 1]] * 2), tf.constant(uniform))

    assert not right.numpy().any()
    np.testing.assert_allclose(others, [[0.5, 1e-7, 0.15, 0.4]] * 2, atol=1e-6)


def test_what_is_drawn_misses_nothing():
    random = np.random.default_rng(0)
    logits = tf.constant(random.normal(0, 3, (500, 256)), tf.float32)
    uniform = tf.constant(random.uniform(size=500), tf.float32)

    assert not missed(logits, chosen(logits, uniform), uniform).numpy().any()


def test_codes_come_as_often_as_they_are_probable_and_a_low_temperature_makes_likely_ones_likelier():
    logits = tf.constant(np.log(np.tile([[0.1, 0.6, 0.3]], (20_000, 1))), tf.float32)
    uniform = tf.constant(np.random.default_rng(0).uniform(size=20_000), tf.float32)

    for temperature in (1.0, 0.5, 2.0):
        shares = np.bincount(chosen(logits, uniform, temperature), minlength=3) / 20_000
        expected = np.array([0.1, 0.6, 0.3]) ** (1 / temperature)
        np.testing.assert_allclose(shares, expected / expected.sum(), atol=0.015)


def test_what_decides_depends_on_the_seed_and_is_longer_for_a_longer_sound():
    one, longer, other = drawn(3, 50, RATE), drawn(3, 90, RATE), drawn(4, 50, RATE)

    np.testing.assert_array_equal(longer[:50], one)
    assert np.abs(other - one).max() > 0.1
    assert 0 <= float(tf.reduce_min(longer)) <= float(tf.reduce_max(longer)) < 1


# In a run


@pytest.fixture(scope="module")
def sounder():
    return Sounder(network(stacks=1, levels=3, conditions=CONDITIONS), PREPARATION)


def test_sounds_are_the_amplitudes_of_the_codes_of_the_naive_loop(sounder):
    made = sounder.sounds(SAID, 0.01, seed=5)

    uniform = np.stack([drawn(seed, 80, RATE) for seed in (5, 6)])
    expected = naive(network(stacks=1, levels=3, conditions=CONDITIONS), numbers(), uniform)
    for sound, codes in zip(made, expected, strict=True):
        np.testing.assert_allclose(sound, amplitude(codes))


def test_equal_seeds_make_equal_sounds_whatever_else_is_made(sounder):
    one, two = sounder.sounds(SAID, 0.02, seed=1)
    (again,) = sounder.sounds(SAID[1:], 0.02, seed=2)
    (other,) = sounder.sounds(SAID[:1], 0.02, seed=9)

    np.testing.assert_array_equal(again, two)
    assert np.abs(other - one).max() > 0.01


def test_a_sound_has_as_many_samples_in_a_run_as_when_it_is_served(sounder, maker):
    for seconds in (0.01, 0.010056, 0.010062, 0.0101, 1e-6):
        (made,) = sounder.sounds(SAID[:1], seconds)
        (file,) = asked(maker, ("yes",), ("eve",), (0,), (seconds,))["wav_bytes"].numpy()

        assert len(made) == len(wavfile.read(io.BytesIO(file))[1]) == max(1, round(seconds * RATE))


def test_a_longer_sound_begins_as_a_shorter_one(sounder):
    (short,) = sounder.sounds(SAID[:1], 0.0125)
    (long,) = sounder.sounds(SAID[:1], 0.03)

    assert (len(short), len(long)) == (100, 240)
    np.testing.assert_array_equal(long[:100], short)


def test_more_sounds_than_are_made_together_are_all_there_in_order(sounder):
    said = [SAID[place % 2] for place in range(19)]

    made = sounder.sounds(said, 0.005)

    assert len(made) == 19
    (last,) = sounder.sounds([said[18]], 0.005, seed=18)
    np.testing.assert_array_equal(made[18], last)


def test_a_temperature_near_0_makes_the_likeliest_code_whatever_the_seed(sounder):
    cold = [sounder.sounds(SAID[:1], 0.005, seed=seed, temperature=1e-4)[0] for seed in (0, 1)]

    np.testing.assert_array_equal(*cold)


def test_a_sound_follows_a_recording_for_as_long_as_that_is():
    sounder = Sounder(network(stacks=1, levels=2, conditions=CONDITIONS, local=6), PREPARATION)
    low, high = (tone(hertz, 0.03, RATE)[400:-390] for hertz in (300, 1500))

    (one,), (again,), (other,) = (sounder.sounds(SAID[:1], 9.0, like=like) for like in (low, low, high))

    assert len(one) == len(low)
    np.testing.assert_array_equal(one, again)
    assert np.abs(other - one).max() > 0.01
    assert sounder.local == 6


# Published


@pytest.fixture(scope="module")
def maker(tmp_path_factory):
    model = network(stacks=1, levels=3, conditions=CONDITIONS)
    folder = write(SoundMaker(model, PREPARATION), tmp_path_factory.mktemp("maker"))
    return tf.saved_model.load(str(folder)).signatures["serving_default"]


def asked(signature, names=("yes", "no"), speakers=("eve", "ann"), seeds=(5, 6), seconds=(0.01, 0.02)):
    return signature(
        class_name=tf.constant(names),
        speaker=tf.constant(speakers),
        seed=tf.constant(seeds, tf.int64),
        seconds=tf.constant(seconds, tf.float32),
    )


def test_the_published_maker_makes_the_sounds_of_the_run_as_files(maker, sounder):
    answer = asked(maker)

    assert answer["codes"].shape == (2, 160)
    for content, sound, seconds in zip(
        answer["wav_bytes"].numpy(), sounder.sounds(SAID, 0.02, seed=5), (0.01, 0.02), strict=True
    ):
        rate, samples = wavfile.read(io.BytesIO(content))
        assert (rate, samples.dtype, len(samples)) == (RATE, np.int16, RATE * seconds)
        np.testing.assert_allclose(samples / 2**15, sound[: len(samples)], atol=2**-14)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"names": ("yes", "maybe")}, "class_name must be one of no, yes"),
        ({"speakers": ("ann", "")}, "speaker must be one of ann, bob, eve"),
        ({"seconds": (0.01, 0.0)}, "seconds must be above 0 and at most 60"),
        ({"seconds": (0.01, 60.5)}, "seconds must be above 0 and at most 60"),
        ({"seconds": (0.01, np.nan)}, "seconds must be above 0 and at most 60"),
    ],
)
def test_what_the_maker_does_not_know_is_refused(maker, wrong, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        asked(maker, **wrong)


def test_a_network_that_is_told_nothing_needs_only_a_seed_and_seconds(tmp_path):
    preparation = AudioPreparation(RATE, None, None, None, 1, 1)
    folder = write(SoundMaker(network("wave_lstm"), preparation), tmp_path)

    signature = tf.saved_model.load(str(folder)).signatures["serving_default"]
    answer = signature(seed=tf.constant([0], tf.int64), seconds=tf.constant([0.01]))

    assert set(signature.structured_input_signature[1]) == {"seed", "seconds"}
    assert answer["codes"].shape == (1, 80)


def test_a_network_that_follows_a_recording_cannot_be_published():
    model = network(stacks=1, levels=1, local=3)

    with pytest.raises(InputError, match="wavenet follows a recording that it is told: kcnn generate RUN --like FILE"):
        SoundMaker(model, PREPARATION)


def test_a_published_classifier_hears_files_of_any_kind_as_the_model_does(tmp_path):
    keras.utils.set_random_seed(0)
    preparation = AudioPreparation(1000, 40.0, -20.0, 150, 150, 150)
    model = build("spectrogram_cnn", (150,), 3, rate=1000, bins=8, filters=4)
    module = SoundClassifier(model, preparation, ("ant", "bee", "käfer"))
    signature = tf.saved_model.load(str(write(module, tmp_path))).signatures["serving_default"]
    files = [
        wav(np.stack([tone(200, 0.1, rate), tone(90, 0.1, rate)], 1), rate, kind, extensible=kind == "i24")
        for kind, rate in zip(KINDS, (1000, 8000, 16000, 2000, 44100, 1001), strict=True)
    ]

    answer = signature(wav_bytes=tf.constant(files))

    heard = np.stack([preparation.fitted(preparation.waveform(tf.constant(file))) for file in files])
    shares = softmax(np.asarray(model(heard, training=False)), -1)
    np.testing.assert_allclose(answer["probabilities"], shares, atol=1e-5)
    names = np.array(["ant", "bee", "käfer"])[shares.argmax(-1)]
    assert [name.decode() for name in answer["class_name"].numpy()] == names.tolist()
    with pytest.raises(tf.errors.InvalidArgumentError, match="silent"):
        signature(wav_bytes=tf.constant([files[0], wav(np.zeros(99))]))
