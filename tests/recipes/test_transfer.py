"""The part of a recipe that starts from pretrained weights."""

import dataclasses
import json

import pytest

from kcnn.errors import InputError
from kcnn.recipes import Recipe, from_json, load, override, to_json
from kcnn.recipes.overrides import parse
from kcnn.recipes.transfer import Transfer

WHOLE = Transfer(
    weights="run:20250101",
    sha256="0123456789abcdef" * 4,
    classes=10,
    scenario=2,
    cut="stage2_block1",
    frozen="stage1",
    head="random",
    dropout=0.25,
    head_epochs=2,
    thaw_epochs=3,
    rate_decay=0.8,
    norm_momentum=0.5,
)


@pytest.fixture
def recipe():
    return dataclasses.replace(load("resnet20_digits"), transfer=Transfer(weights="efficientnet_lite0"))


@pytest.mark.parametrize("transfer", [WHOLE, Transfer(weights="efficientnet_lite0")])
def test_it_survives_json(recipe, transfer):
    recipe = dataclasses.replace(recipe, transfer=transfer)
    written = json.dumps(to_json(recipe))

    assert from_json(Recipe, json.loads(written)) == recipe


def test_every_value_is_written(recipe):
    values = to_json(dataclasses.replace(recipe, transfer=WHOLE))["transfer"]

    assert values == dataclasses.asdict(WHOLE)


def test_a_recipe_that_was_written_before_there_were_transfers_still_loads():
    values = to_json(load("resnet20_digits"))
    del values["transfer"]

    assert from_json(Recipe, values) == load("resnet20_digits")
    assert from_json(Recipe, values).transfer is None


def test_unless_it_says_otherwise_the_whole_network_learns_under_a_fitted_head(recipe):
    plan = recipe.transfer

    assert (plan.cut, plan.frozen, plan.head) == ("pooled", None, "fitted")
    assert (plan.dropout, plan.head_epochs, plan.thaw_epochs, plan.rate_decay) == (0, 0, 0, 1)
    assert (plan.sha256, plan.classes, plan.scenario, plan.norm_momentum) == (None, 1000, None, None)


def test_it_is_immutable(recipe):
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe.transfer.cut = "stage1"


def test_its_values_are_changed_by_path_or_last_name(recipe):
    changed = override(recipe, parse(["transfer.cut=stage2", "frozen=stage1", "rate_decay=0.5", "head_epochs=2"]))

    assert changed.transfer == Transfer(
        weights="efficientnet_lite0", cut="stage2", frozen="stage1", rate_decay=0.5, head_epochs=2
    )


def test_none_takes_a_value_or_the_whole_of_it_away(recipe):
    recipe = dataclasses.replace(recipe, transfer=WHOLE)

    assert override(recipe, parse(["transfer.frozen=none"])).transfer == dataclasses.replace(WHOLE, frozen=None)
    assert override(recipe, parse(["transfer=none"])).transfer is None


def test_the_ends_of_its_ranges_are_allowed(recipe):
    ends = {
        "transfer": {"rate_decay": 1, "dropout": 0, "scenario": 4, "classes": 1, "thaw_epochs": 0, "norm_momentum": 0}
    }

    assert override(recipe, ends).transfer == dataclasses.replace(
        recipe.transfer, scenario=4, classes=1, norm_momentum=0
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("transfer.rate_decay=0", "transfer.rate_decay must be greater than 0, got 0"),
        ("transfer.rate_decay=1.01", "transfer.rate_decay must be less than or equal to 1, got 1.01"),
        ("transfer.rate_decay=nan", "transfer.rate_decay must be less than or equal to 1, got 'nan'"),
        ("transfer.head=nothing", "transfer.head must be 'fitted' or 'random', got 'nothing'"),
        ("transfer.sha256=abc", "'^[0-9a-f]{64}$', got 'abc'"),
        (f"transfer.sha256={'A' * 64}", "'^[0-9a-f]{64}$', got 'AAAA"),
        (f"transfer.sha256={'a' * 65}", "'^[0-9a-f]{64}$', got 'aaaa"),
        ("transfer.scenario=0", "transfer.scenario must be greater than or equal to 1, got 0"),
        ("transfer.scenario=5", "transfer.scenario must be less than or equal to 4, got 5"),
        ("transfer.scenario=true", "transfer.scenario must be a valid integer, got True"),
        ("transfer.classes=0", "transfer.classes must be greater than 0, got 0"),
        ("transfer.dropout=1", "transfer.dropout must be less than 1, got 1"),
        ("transfer.dropout=-0.1", "transfer.dropout must be greater than or equal to 0, got -0.1"),
        ("transfer.norm_momentum=1", "transfer.norm_momentum must be less than 1, got 1"),
        ("transfer.head_epochs=-1", "transfer.head_epochs must be greater than or equal to 0, got -1"),
        ("transfer.thaw_epochs=1.5", "transfer.thaw_epochs must be a valid integer, got 1.5"),
        ("transfer.weights=", "transfer.weights must be text of at least 1 character, got ''"),
        ("transfer.weights=none", "transfer.weights must be a valid string, got None"),
        ("transfer.cut=", "transfer.cut must be text of at least 1 character, got ''"),
        ("transfer.frozen=3", "transfer.frozen must be a valid string, got 3"),
        ("transfer=4", "transfer must be a dictionary"),
        ("cutt=stage1", "unknown key 'cutt': did you mean 'cut'?"),
        ("transfer.cutt=stage1", "unknown key 'transfer.cutt'"),
        ("transfer.cut.x=1", "transfer.cut has no parts"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_path_rule_and_value(recipe, text, message):
    with pytest.raises(InputError) as refused:
        override(recipe, parse([text]))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("wrong", "right"), [("cutt", "cut"), ("thaw_epoch", "thaw_epochs"), ("sha", "sha256")])
def test_an_unknown_key_is_answered_with_the_nearest(recipe, wrong, right):
    with pytest.raises(InputError) as refused:
        override(recipe, {f"transfer.{wrong}": "x"})
    assert str(refused.value) == f"unknown key 'transfer.{wrong}': did you mean '{right}'?"


def test_the_weights_are_required():
    with pytest.raises(InputError, match=r"transfer\.weights is required"):
        from_json(Recipe, to_json(load("resnet20_digits")) | {"transfer": {}})


def test_a_recipe_that_starts_afresh_has_nothing_to_change():
    with pytest.raises(InputError, match=r"'transfer\.cut': transfer has no parts"):
        override(load("resnet20_digits"), {"transfer.cut": "stage1"})
