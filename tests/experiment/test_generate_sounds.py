"""New sounds of a trained network in one file, and what a classifier hears in them."""

import numpy as np
import pytest
from scipy.io import wavfile

from kcnn.errors import DataError, InputError
from kcnn.experiment import trained
from kcnn.experiment.folder import find
from kcnn.experiment.generate_sounds import _shares, generate_sounds, of_recordings
from kcnn.experiment.run import run
from kcnn.experiment.sounder import Sounder
from tests.waves import wav

from .spoken import recipe

SHORT = {"epochs": 1, "steps": 2}
RATE = 4000


@pytest.fixture(scope="module")
def talker(spoken, spoken_space):
    return run(recipe(spoken, "talker", name="talks", **SHORT), workspace=spoken_space).run


@pytest.fixture(scope="module")
def namer(spoken, spoken_space):
    return run(recipe(spoken, "namer", name="names"), workspace=spoken_space).run


def heard(path):
    rate, samples = wavfile.read(path)
    assert rate == RATE
    return samples


def test_sounds_of_every_class_by_the_speakers_in_turn_stand_one_after_the_other(talker, spoken_space, tmp_path):
    path = tmp_path / "all.wav"

    found = generate_sounds(talker, path, count=3, seconds=0.05, seed=4, workspace=spoken_space)

    of = trained.load(find(spoken_space, talker))
    told = [
        {"class": label, "speaker": who}
        for label, who in zip(["high"] * 3 + ["low"] * 3, ["ann", "bob"] * 3, strict=True)
    ]
    expected = Sounder(of.model, of.preprocessing).sounds(told, 0.05, seed=4)
    assert (found.sounds, found.seconds, found.judge) == (6, 0.05, None)
    samples = heard(path)
    assert len(samples) == 6 * 200 + 5 * 1000
    for place, sound in enumerate(expected):
        begin = place * 1200
        np.testing.assert_allclose(samples[begin : begin + 200] / 2**15, sound, atol=2**-15)
        assert not samples[begin + 200 : begin + 1200].any()


def test_every_speaker_that_is_named_speaks(talker, spoken_space, tmp_path):
    terms = {"labels": ["low"], "speakers": ["bob", "ann"], "seconds": 0.02, "workspace": spoken_space}

    both = generate_sounds(talker, tmp_path / "both.wav", **terms)
    generate_sounds(talker, tmp_path / "two.wav", count=2, **terms)

    assert both.sounds == 2
    np.testing.assert_array_equal(heard(tmp_path / "both.wav"), heard(tmp_path / "two.wav"))
    with pytest.raises(InputError, match="-n 1 leaves ann without a turn: 2 speakers are named"):
        generate_sounds(talker, tmp_path / "one.wav", count=1, **terms)


def test_what_is_there_is_replaced_only_where_that_is_asked(talker, spoken_space, here):
    (here / "x.wav").write_bytes(b"mine")
    terms = {"labels": ["low"], "seconds": 0.01, "workspace": spoken_space}

    with pytest.raises(InputError, match=r"x\.wav is there already: --overwrite replaces it"):
        generate_sounds(talker, here / "x.wav", **terms)
    assert (here / "x.wav").read_bytes() == b"mine"
    assert generate_sounds(talker, here / "x.wav", overwrite=True, **terms).sounds == 1


def test_without_seconds_a_sound_is_as_long_as_the_middle_recording(talker, spoken_space, tmp_path):
    found = generate_sounds(talker, tmp_path / "x.wav", labels=["low"], workspace=spoken_space)

    usual = trained.load(find(spoken_space, talker)).preprocessing.usual
    assert found.sounds == 1
    assert len(heard(tmp_path / "x.wav")) == usual


def test_equal_seeds_and_temperatures_make_equal_files(talker, spoken_space, tmp_path):
    def made(**terms):
        generate_sounds(
            talker, tmp_path / "x.wav", labels=["low"], seconds=0.03, overwrite=True, workspace=spoken_space, **terms
        )
        return (tmp_path / "x.wav").read_bytes()

    one, again, warm, other, cold = (made(), made(), made(temperature=1.0), made(seed=1), made(temperature=0.1))

    assert one == again == warm
    assert len({one, other, cold}) == 3


def test_a_judge_says_what_share_of_each_class_it_takes_for_it(talker, namer, spoken_space, tmp_path):
    found = generate_sounds(talker, tmp_path / "x.wav", count=3, seconds=0.1, judge=namer, workspace=spoken_space)

    assert found.judge == namer
    assert list(found.by_class) == ["high", "low"]
    assert all(round(share * 3) == pytest.approx(share * 3) for share in found.by_class.values())
    assert found.recognised == pytest.approx(np.mean(list(found.by_class.values())))


def test_a_judge_recognises_true_recordings_as_its_own_test_and_silence_never(namer, spoken_space):
    of = find(spoken_space, namer)
    names = ["low", "high", "low", "high"]
    times = np.arange(800) / RATE
    true = [0.3 * np.sin(2 * np.pi * {"low": 300, "high": 1500}[name] * times) for name in names]

    shares = _shares(of, [*true, np.zeros(800)], RATE, [*names, "low"])

    assert shares == {"low": pytest.approx(2 / 3), "high": 1.0}


def test_runs_on_recordings_are_told_from_others(talker, namer, spoken_space, compared):
    assert of_recordings(talker, spoken_space)
    assert of_recordings(namer, spoken_space)
    assert not of_recordings(compared.comparison.results[0].run, compared.workspace)


@pytest.mark.parametrize(
    ("terms", "kind", "message"),
    [
        ({"output": "x.mp3"}, InputError, "-o must be a .wav to write, got 'x.mp3'"),
        ({"output": "no/x.wav"}, InputError, "no/x.wav: there is no folder no"),
        ({"labels": ["hihg"]}, InputError, "'hihg': did you mean 'high'"),
        ({"speakers": ["Ann"]}, InputError, "'Ann': did you mean 'ann'"),
        ({"seconds": 0}, InputError, "seconds must be above 0 and at most 60, got 0"),
        ({"seconds": 61}, InputError, "seconds must be above 0 and at most 60, got 61"),
        ({"seconds": float("nan")}, InputError, "seconds must be above 0 and at most 60, got nan"),
        ({"temperature": 0.0}, InputError, "temperature must be above 0, got 0"),
        ({"temperature": -1.0}, InputError, "temperature must be above 0, got -1"),
        ({"like": "x.wav"}, InputError, "follows no recording"),
        ({"judge": "talks"}, InputError, "judges are classifiers of recordings"),
        ({"judge": "nobody"}, InputError, "nobody"),
    ],
)
def test_what_cannot_be_made_is_refused(talker, spoken_space, here, terms, kind, message):
    with pytest.raises(kind) as refused:
        generate_sounds(talker, **{"output": "x.wav", "workspace": spoken_space} | terms)
    assert message in str(refused.value)
    assert type(refused.value) is kind
    assert list(here.iterdir()) == []


def test_a_classifier_and_a_run_on_images_make_no_sounds(namer, spoken_space, compared, tmp_path):
    with pytest.raises(InputError, match=r"\(spectrogram_cnn\) makes no sounds: it names them"):
        generate_sounds(namer, tmp_path / "x.wav", workspace=spoken_space)
    images = compared.comparison.results[0].run
    with pytest.raises(InputError, match=f"{images} learned from data.kind=images, recordings are needed"):
        generate_sounds(images, tmp_path / "x.wav", workspace=compared.workspace)


@pytest.fixture(scope="module")
def follower(spoken, spoken_space):
    terms = {"name": "follows", "data.local": 4, "data.conditions": [], **SHORT}
    return run(recipe(spoken, "talker", **terms), workspace=spoken_space).run


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"", "not a WAV file"),
        (b"RIFF no", "not a WAV file"),
        (wav(np.zeros(500)), "silent"),
    ],
)
def test_a_recording_that_cannot_be_followed_is_named(follower, spoken_space, tmp_path, content, reason):
    if content is not None:
        (tmp_path / "like.wav").write_bytes(content)

    with pytest.raises(DataError) as refused:
        generate_sounds(follower, tmp_path / "x.wav", like=tmp_path / "like.wav", workspace=spoken_space)
    assert str(refused.value) == f"{tmp_path / 'like.wav'}: {reason}"
    assert not (tmp_path / "x.wav").exists()


def test_one_that_is_longer_than_a_sound_may_be_is_refused(follower, spoken_space, tmp_path):
    (tmp_path / "like.wav").write_bytes(wav(np.resize([0.1, 0.1, -0.1, -0.1], 61 * 1000), 1000, "u8"))

    with pytest.raises(InputError, match=r"like\.wav is longer than 60 s"):
        generate_sounds(follower, tmp_path / "x.wav", like=tmp_path / "like.wav", workspace=spoken_space)
    assert not (tmp_path / "x.wav").exists()


def test_one_that_is_followed_makes_a_sound_of_its_length(follower, spoken_space, tmp_path):
    (tmp_path / "like.wav").write_bytes(wav(np.resize([0.1, 0.1, -0.1, -0.1], 800), 8000, "f32"))

    found = generate_sounds(follower, tmp_path / "x.wav", like=tmp_path / "like.wav", workspace=spoken_space)

    assert (found.sounds, found.seconds) == (1, 0.1)
    assert len(heard(tmp_path / "x.wav")) == 400
    with pytest.raises(InputError, match="follows a recording: --like FILE names it"):
        generate_sounds(follower, tmp_path / "y.wav", workspace=spoken_space)
