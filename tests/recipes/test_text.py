"""The part of a recipe that names labelled sentences."""

import json

import pytest

from kcnn.errors import InputError
from kcnn.recipes import from_json, to_json
from kcnn.recipes.text import Text


def test_it_survives_json():
    text = Text(source="reviews", encoding="latin-1", vectors="vectors.bin", min_count=2, folds=10, fold=9)

    assert from_json(Text, json.loads(json.dumps(to_json(text)))) == text


def test_only_the_source_has_to_be_given():
    text = Text(source="reviews")

    assert (text.kind, text.encoding, text.text_column, text.label_column) == ("text", "utf-8", "text", "label")
    assert (text.min_count, text.vectors, text.folds, text.validation, text.bad_files) == (1, None, None, 0.1, "refuse")


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "latin-1", "cp1252", "utf-16", "shift_jis"])
def test_an_encoding_has_any_of_its_names_in_python(encoding):
    assert Text(source="reviews", encoding=encoding).encoding == encoding


@pytest.mark.parametrize("encoding", ["", "utf-9", "base64", "rot13", "a\0b", "undefined"])
def test_what_python_cannot_read_texts_in_is_refused(encoding):
    with pytest.raises(InputError, match=r"^encoding must be an encoding that Python knows, such as utf-8 or latin-1"):
        from_json(Text, {"source": "reviews", "encoding": encoding})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"encoding": "latin-l"}, "(did you mean 'latin-1'?), got 'latin-l'"),
        ({"encodings": "utf-8"}, "unknown key 'encodings': did you mean 'encoding'?"),
        ({"source": ""}, "source must be text of at least 1 character, got ''"),
        ({"label_column": "text"}, "label_column must be another column than data.text_column, got 'text'"),
        ({"text_column": "label"}, "label_column must be another column than data.text_column, got 'label'"),
        ({"text_column": ""}, "text_column must be text of at least 1 character, got ''"),
        ({"min_count": 0}, "min_count must be greater than 0, got 0"),
        ({"min_count": 1.5}, "min_count must be a valid integer, got 1.5"),
        ({"vectors": ""}, "vectors must be text of at least 1 character, got ''"),
        ({"folds": 1}, "folds must be greater than or equal to 2, got 1"),
        ({"folds": 10, "fold": 10}, "fold must be less than data.folds, which is 10, got 10"),
        ({"fold": -1}, "fold must be greater than or equal to 0, got -1"),
        ({"validation": 1}, "validation must be less than 1, got 1"),
        ({"bad_files": "drop"}, "bad_files must be 'refuse' or 'skip', got 'drop'"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_path_rule_and_value(values, message):
    with pytest.raises(InputError) as refused:
        from_json(Text, {"source": "reviews"} | values)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
