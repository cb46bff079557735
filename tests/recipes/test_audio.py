"""The part of a recipe that names recordings."""

import json

import pytest

from kcnn.errors import InputError
from kcnn.recipes import from_json, to_json
from kcnn.recipes.audio import Audio


def test_it_survives_json():
    audio = Audio(
        source="words",
        task="autoregression",
        conditions=("class",),
        local=20,
        test="speakers",
        speakers=("ann", "bob"),
    )

    assert from_json(Audio, json.loads(json.dumps(to_json(audio)))) == audio


def test_only_the_source_has_to_be_given():
    audio = Audio(source="words")

    assert (audio.kind, audio.task, audio.rate, audio.seconds) == ("audio", "classification", 8000, 1.0)
    assert (audio.trim, audio.loudness, audio.conditions, audio.local) == (40.0, -20.0, (), 0)
    assert (audio.test, audio.first, audio.speakers, audio.validation) == ("drawn", 5, (), 0.1)


@pytest.mark.parametrize(
    ("rate", "seconds", "samples", "hop"),
    [(8000, 1.0, 8000, 80), (11025, 0.5, 5512, 110), (1000, 0.0001, 1, 10), (44100, 0.25, 11025, 441)],
)
def test_seconds_and_10_ms_are_whole_numbers_of_samples(rate, seconds, samples, hop):
    audio = Audio(source="words", rate=rate, seconds=seconds)

    assert (audio.samples, audio.hop) == (samples, hop)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"pattern": "(?P<speaker>.*)"}, "pattern must be a regular expression with the group (?P<number>...)"),
        ({"pattern": r"(?P<number>\d+)"}, "pattern must be a regular expression with the group (?P<speaker>...)"),
        ({"pattern": "(.*)_(.*)"}, "pattern must be a regular expression with the group (?P<speaker>...)"),
        ({"pattern": "(?P<speaker>"}, "pattern must be a regular expression (missing ), unterminated subpattern"),
        ({"speakers": ["ann"]}, "speakers must be the speakers of test, with data.test=speakers and only then"),
        ({"test": "first", "speakers": ["ann"]}, "speakers must be the speakers of test, with data.test=speakers"),
        ({"test": "speakers", "speakers": []}, "speakers must be the speakers of test, with data.test=speakers"),
        ({"test": "speakers"}, "speakers must be the speakers of test, with data.test=speakers"),
        ({"test": "last"}, "test must be 'drawn', 'first' or 'speakers', got 'last'"),
        ({"task": "regression"}, "task must be 'classification' or 'autoregression', got 'regression'"),
        ({"conditions": ["speker"]}, "must be 'class' or 'speaker', got 'speker'"),
        ({"conditions": ["class"]}, "conditions must be left out where data.task is classification, got ['class']"),
        (
            {"task": "autoregression", "conditions": ["class", "speaker"], "test": "speakers", "speakers": ["ann"]},
            "test must be drawn or first where data.conditions has the speaker, who has to be heard in train, got 'spe",
        ),
        ({"local": 4}, "local must be left out where data.task is classification, got 4"),
        ({"rate": 999}, "rate must be greater than or equal to 1000, got 999"),
        ({"rate": 192_001}, "rate must be less than or equal to 192000, got 192001"),
        ({"seconds": 0}, "seconds must be greater than 0, got 0"),
        ({"trim": 0}, "trim must be greater than 0, got 0"),
        ({"loudness": 1}, "loudness must be less than or equal to 0, got 1"),
        ({"local": -1}, "local must be greater than or equal to 0, got -1"),
        ({"first": 0}, "first must be greater than 0, got 0"),
        ({"validation": 1}, "validation must be less than 1, got 1"),
        ({"bad_files": "drop"}, "bad_files must be 'refuse' or 'skip', got 'drop'"),
        ({"source": ""}, "source must be text of at least 1 character, got ''"),
        ({"speaker": "ann"}, "unknown key 'speaker': did you mean 'speakers'?"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_path_rule_and_value(values, message):
    with pytest.raises(InputError) as refused:
        from_json(Audio, {"source": "words"} | values)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
