"""The lecture's four scenarios of transfer learning: which one a dataset calls for, and what is done in it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

SMALL = 1000
"""Fewer training images a class than this are few."""

DIFFERENT = 0.25
"""From this distance on (kcnn.transfer.similarity) data are different. With ImageNet's weights of EfficientNet-Lite0
photographs come to 0.02 (ImageNet's own) to 0.07 (ants and bees), enlarged CIFAR-10 to 0.15, digits to 0.46, slices of
brain tissue under the electron microscope to 1.0."""


@dataclass(frozen=True)
class Plan:
    """What is done in a scenario: in a word, in a sentence, and as changes to a recipe.

    `keeps` says what never learns: everything, what is below the last stage that is kept, or nothing. Where images
    are `mirrored`, left and right must not matter: so it is on photographs, and not on digits.
    """

    data: str
    name: str
    does: str
    keeps: Literal["everything", "below", "nothing"]
    mirrored: bool
    changes: Mapping[str, Any]


PLANS: dict[int, Plan] = {
    1: Plan(
        "small and similar",
        "feature extractor",
        "every layer stays as it is; the head is the logistic regression on what they answer",
        "everything",
        True,
        {},
    ),
    2: Plan(
        "large and similar",
        "fine-tune the full network",
        "from the fitted head down a stage more each epoch, lower stages at lower rates",
        "nothing",
        True,
        {"transfer.thaw_epochs": 1, "transfer.rate_decay": 0.8},
    ),
    3: Plan(
        "small and different",
        "fine-tune from earlier activations",
        "cut where a linear probe does best; what is below the last stage kept stays as it is",
        "below",
        False,
        {"transfer.norm_momentum": 0.9},
    ),
    4: Plan(
        "large and different",
        "fine-tune the entire network",
        "all layers learn from the first step, at one rate; their statistics follow quickly",
        "nothing",
        False,
        {"transfer.norm_momentum": 0.9},
    ),
}


@dataclass(frozen=True)
class Proposal:
    """The scenario of a dataset, and why. `distance` is None where the network has nothing to measure it by."""

    scenario: int
    per_class: float
    distance: float | None

    @property
    def why(self) -> str:
        """The reason in a sentence."""
        size = "few" if self.per_class < SMALL else "many"
        reason = f"{math.floor(self.per_class):,} training images a class are {size} (the line is at {SMALL:,})"
        if self.distance is None:
            return reason
        look = "different from" if self.distance >= DIFFERENT else "similar to"
        return (
            f"{reason}, and they look {look} those that the network knows "
            f"(distance {self.distance:.3f}, the line is at {DIFFERENT})"
        )


def propose(per_class: float, distance: float) -> Proposal:
    """The scenario for so many training images a class at such a distance."""
    different, large = distance >= DIFFERENT, per_class >= SMALL
    scenario = (4 if large else 3) if different else (2 if large else 1)
    return Proposal(scenario, per_class, distance)
