"""key=value on top of a recipe, and what is said of a wrong key or value."""

import pytest

from kcnn.errors import InputError
from kcnn.recipes import load, override
from kcnn.recipes.optimize import Cosine, Sgd
from kcnn.recipes.overrides import parse


@pytest.fixture
def recipe():
    return load("lenet5_digits")


def test_a_full_path_changes_one_value(recipe):
    changed = override(recipe, parse(["optimizer.lr=0.01"]))
    assert changed.optimizer.lr == 0.01
    assert changed.train == recipe.train


def test_a_last_name_that_only_one_part_has_is_enough(recipe):
    assert override(recipe, parse(["epochs=3"])).train.epochs == 3


def test_a_last_name_of_several_parts_is_refused_with_the_full_paths(recipe):
    with pytest.raises(InputError, match=r"write data.kind or optimizer.kind or schedule.kind"):
        override(recipe, {"kind": "adam"})


def test_the_recipe_itself_does_not_change(recipe):
    override(recipe, {"epochs": 3})
    assert recipe == load("lenet5_digits")


def test_a_mapping_changes_a_part_as_paths_do(recipe):
    assert override(recipe, {"optimizer": {"lr": 0.5}}) == override(recipe, {"optimizer.lr": 0.5})


@pytest.mark.parametrize("order", [("optimizer=sgd", "momentum=0.5"), ("momentum=0.5", "optimizer=sgd")])
def test_another_kind_keeps_what_the_two_share_whatever_the_order(recipe, order):
    changed = override(recipe, parse(order))
    assert changed.optimizer == Sgd(lr=recipe.optimizer.lr, momentum=0.5)


def test_a_kind_can_be_named_without_its_key(recipe):
    assert override(recipe, parse(["schedule=cosine"])).schedule == Cosine()


def test_augmentation_can_be_taken_away_and_reached_by_index(recipe):
    assert override(recipe, parse(["augment=none"])).augment == ()
    assert override(recipe, parse(["augment.0.rotate=5"])).augment[0].rotate == 5


def test_options_of_the_model_are_free(recipe):
    changed = override(recipe, parse(["model.options.dropout=0.1"]))
    assert dict(changed.model.options) == {"dropout": 0.1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epocs=3", "unknown key 'epocs': did you mean 'epochs'?"),
        ("epochs=0", "train.epochs must be greater than 0, got 0"),
        ("epochs=many", "train.epochs must be a valid integer, got 'many'"),
        ("epochs=2.5", "train.epochs must be a valid integer, got 2.5"),
        ("optimizer=adan", "unknown optimizer 'adan': did you mean 'adam'?"),
        ("optimizer.lrr=1", "unknown key 'optimizer.lrr': did you mean 'lr'?"),
        ("optimizer.lr=-1", "optimizer.lr must be greater than 0, got -1"),
        ("optimizer.lr=nan", "optimizer.lr must be a finite number, got 'nan'"),
        ("optimizer.lr=NaN", "optimizer.lr must be a finite number, got nan"),
        ("augment.0.shift=3", "augment.0.shift must be less than 1, got 3"),
        ("augment.0.shft=1", "unknown key 'augment.0.shft': did you mean 'shift'?"),
        ("augment.7.shift=0", "unknown key 'augment.7': there are: 0"),
        ("data.fit=covr", "data.fit must be 'cover', 'pad' or 'stretch', got 'covr'"),
        ("epochs.x=3", "train.epochs has no parts"),
        ("train=4", "train must be a dictionary"),
        ("name=a/b", "name must"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_path_rule_value_and_nearest_name(recipe, text, message):
    with pytest.raises(InputError) as refused:
        override(recipe, parse([text]))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_word_without_an_equals_sign_is_refused():
    with pytest.raises(InputError, match="'epochs' is not of the form key=value"):
        parse(["epochs"])


def test_the_changes_that_are_given_stay_as_they_were():
    options = {"activation": "tanh"}

    override(load("lenet5_digits"), {"model.options": options, "model.options.pooling": "max"})

    assert options == {"activation": "tanh"}
