"""The part of a recipe that names sequences of numbers."""

import json

import pytest

from kcnn.errors import InputError
from kcnn.recipes import from_json, load, override, to_json
from kcnn.recipes.overrides import parse
from kcnn.recipes.series import Series


def test_it_survives_json():
    series = Series(source="walks.csv", task="labelling", layout="long", key="who", target="what", gaps="hold")

    assert from_json(Series, json.loads(json.dumps(to_json(series)))) == series


def test_source_and_question_have_to_be_given():
    series = Series(source="walks.csv", task="classification")

    assert (series.kind, series.length, series.permuted, series.layout) == ("series", None, False, "long")
    assert (series.key, series.target, series.gaps) == ("series", "label", "refuse")
    assert (series.validation, series.split_seed, series.bad_files) == (0.1, 0, "refuse")
    for values in ({"source": "walks.csv"}, {"task": "labelling"}):
        with pytest.raises(InputError):
            from_json(Series, values)


def test_a_recipe_is_switched_to_a_table_by_assignments():
    changed = override(load("tcn_adding"), parse(["data.source=walks.csv", "task=classification", "data.length=none"]))

    assert changed.data == Series(source="walks.csv", task="classification")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"task": "naming"}, "task must be 'classification', 'regression', 'labelling' or 'prediction', got 'naming'"),
        ({"layout": "tall"}, "layout must be 'long' or 'wide', got 'tall'"),
        ({"gaps": "drop"}, "gaps must be 'refuse', 'hold' or 'mean', got 'drop'"),
        ({"gap": "hold"}, "unknown key 'gap': did you mean 'gaps'?"),
        ({"length": 0}, "length must be greater than 0, got 0"),
        ({"examples": 0}, "examples must be greater than 0, got 0"),
        ({"source": ""}, "source must be text of at least 1 character, got ''"),
        ({"key": ""}, "key must be text of at least 1 character, got ''"),
        ({"validation": 1}, "validation must be less than 1, got 1"),
        ({"bad_files": "drop"}, "bad_files must be 'refuse' or 'skip', got 'drop'"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_path_rule_and_value(values, message):
    with pytest.raises(InputError) as refused:
        from_json(Series, {"source": "walks.csv", "task": "labelling"} | values)
    assert message in str(refused.value)
