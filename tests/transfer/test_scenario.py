"""The four scenarios: which one data call for, why, and that their plans fit a recipe."""

import math

import pytest

from kcnn.recipes import Recipe, flatten, override, to_json
from kcnn.recipes.augment import Flip
from kcnn.recipes.data import Images
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Sgd
from kcnn.recipes.train import Train
from kcnn.recipes.transfer import Transfer
from kcnn.transfer.scenario import DIFFERENT, PLANS, SMALL, Proposal, propose

ALMOST = math.nextafter(DIFFERENT, 0)


@pytest.mark.parametrize(
    ("per_class", "distance", "scenario"),
    [
        (20, 0.02, 1),
        (6000, 0.02, 2),
        (20, 0.9, 3),
        (6000, 0.9, 4),
        # On the lines, and just before them.
        (SMALL - 1, ALMOST, 1),
        (SMALL, ALMOST, 2),
        (SMALL - 1, DIFFERENT, 3),
        (SMALL, DIFFERENT, 4),
        (SMALL - 0.5, ALMOST, 1),
        (0, 0, 1),
    ],
)
def test_the_scenario_is_decided_by_size_and_distance(per_class, distance, scenario):
    assert propose(per_class, distance).scenario == scenario


def test_a_proposal_keeps_what_it_was_made_from():
    assert propose(123.5, 0.3) == Proposal(3, 123.5, 0.3)


def test_the_plans_are_those_of_the_four_scenarios():
    assert {number: plan.data for number, plan in PLANS.items()} == {
        1: "small and similar",
        2: "large and similar",
        3: "small and different",
        4: "large and different",
    }


@pytest.mark.parametrize(
    ("per_class", "distance", "reason"),
    [
        (
            1234.4,
            0.312,
            "1,234 training images a class are many (the line is at 300), and they look different from those that "
            "the network knows (distance 0.312, the line is at 0.25)",
        ),
        (
            18,
            0.07,
            "18 training images a class are few (the line is at 300), and they look similar to those that the "
            "network knows (distance 0.070, the line is at 0.25)",
        ),
        (SMALL, DIFFERENT, "300 training images a class are many (the line is at 300), and they look different"),
    ],
)
def test_the_reason_has_the_numbers(per_class, distance, reason):
    assert propose(per_class, distance).why.startswith(reason)


def test_the_reason_speaks_of_size_alone_where_there_is_no_distance():
    assert Proposal(2, 20, None).why == "20 training images a class are few (the line is at 300)"


@pytest.mark.parametrize("number", PLANS)
def test_what_a_plan_changes_in_a_recipe_is_what_it_says(number):
    recipe = Recipe(
        name="any",
        data=Images(source="digits"),
        model=Model(name="resnet20_cifar"),
        optimizer=Sgd(lr=0.3),
        train=Train(epochs=77),
        transfer=Transfer(weights="run:latest", rate_decay=0.7, thaw_epochs=9),
    )
    before, after = (flatten(to_json(one)) for one in (recipe, override(recipe, PLANS[number].changes)))

    said = {path: value for path, value in PLANS[number].changes.items() if path != "augment"}
    assert {path: value for path, value in after.items() if before[path] != value} == said
    assert after.keys() == before.keys()


@pytest.mark.parametrize(("number", "augmented"), [(1, False), (2, True), (3, False), (4, False)])
def test_only_what_learns_and_looks_like_photographs_is_augmented(number, augmented):
    plain = Transfer(weights="run:latest")
    recipe = Recipe(
        name="any", data=Images(source="digits"), model=Model(name="mlp"), augment=(Flip(),), transfer=plain
    )

    assert bool(override(recipe, PLANS[number].changes).augment) == augmented


@pytest.mark.parametrize(("number", "keeps"), [(1, "everything"), (2, "nothing"), (3, "below"), (4, "nothing")])
def test_a_plan_says_what_never_learns(number, keeps):
    assert PLANS[number].keeps == keeps
