"""The part of a recipe that names images with masks."""

import dataclasses
import json

import pytest

from kcnn.errors import InputError
from kcnn.recipes import Recipe, from_json, load, override, to_json
from kcnn.recipes.augment import Dihedral, Elastic
from kcnn.recipes.data import Images, Masks
from kcnn.recipes.overrides import parse


@pytest.fixture
def recipe():
    masks = Masks(source="cells", values=(0, 255), classes=("membrane", "cell"), ignore=7, folds=5, fold=4)
    return dataclasses.replace(load("lenet5_digits"), data=masks, augment=(Elastic(sigma=4), Dihedral()))


def test_it_survives_json(recipe):
    assert from_json(Recipe, json.loads(json.dumps(to_json(recipe)))) == recipe


@pytest.mark.parametrize("change", ["data.kind=masks", "data=masks"])
def test_switching_the_kind_keeps_what_is_shared(change):
    before = load("lenet5_digits")
    changed = override(before, parse([change, "data.source=cells", "validation=0.2"]))

    assert changed.data == Masks(source="cells", size=32, validation=0.2)
    assert dataclasses.replace(changed, data=before.data) == before


def test_a_size_that_was_left_open_becomes_the_other_kind_s_own():
    assert override(load("mlp_digits"), {"data.kind": "masks"}).data == Masks(source="digits")


def test_there_is_a_way_back(recipe):
    assert override(recipe, {"data": "images"}).data == Images(source="cells", size=256)


@pytest.mark.parametrize("order", [("data=masks", "folds=3", "fold=2"), ("fold=2", "folds=3", "data=masks")])
def test_the_new_kind_s_values_can_be_given_with_it_in_any_order(order):
    changed = override(load("lenet5_digits"), parse(order))

    assert (changed.data.folds, changed.data.fold) == (3, 2)


def test_a_tuple_is_written_as_json(recipe):
    changed = override(recipe, parse(['data.classes=["a", "b", "c"]', "data.values=[1, 2, 3]"]))

    assert (changed.data.classes, changed.data.values) == (("a", "b", "c"), (1, 2, 3))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("data.size=0", "data.size must be greater than 0, got 0"),
        ("data.sise=9", "unknown key 'data.sise': did you mean 'size'?"),
        ("data.fit=pad", "unknown key 'data.fit'"),
        ("data.kind=mask", "unknown data 'mask': did you mean 'masks'?"),
        ("data.channels=2", "data.channels must be 1 or 3, got 2"),
        ("data.fold=5", "data.fold must be less than data.folds, which is 5, got 5"),
        ("data.folds=1", "data.folds must be greater than or equal to 2, got 1"),
        ("data.values=[0, 1, 2]", "data.values must be as many as data.classes, which are 2, got [0, 1, 2]"),
        ("data.values=[3, 3]", "data.values must be two or more, all different, got [3, 3]"),
        ('data.classes=["a"]', "data.classes must be two or more, all different, got ['a']"),
        ("data.ignore=255", "data.ignore must be none of data.values, got 255"),
        ("data.ignore=70000", "data.ignore must be less than 65536, got 70000"),
        ("data.overlap=-1", "data.overlap must be greater than or equal to 0, got -1"),
        ("data.border_sigma=0", "data.border_sigma must be greater than 0, got 0"),
        ("data.border_weight=-1", "data.border_weight must be greater than or equal to 0, got -1"),
        ("data.crops=0", "data.crops must be greater than 0, got 0"),
        ("augment.0.sigma=0", "augment.0.sigma must be greater than 0, got 0"),
        ("augment.1.sigma=1", "unknown key 'augment.1.sigma'"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_path_rule_and_value(recipe, text, message):
    with pytest.raises(InputError) as refused:
        override(recipe, parse([text]))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_data_without_a_kind_are_refused(recipe):
    values = to_json(recipe)
    del values["data"]["kind"]

    with pytest.raises(InputError, match=r"^data.kind is required$"):
        from_json(Recipe, values)
