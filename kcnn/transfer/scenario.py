"""The lecture's four scenarios of transfer learning: which one a dataset calls for, and what is done in it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

SMALL = 300
"""Fewer training images a class than this are few. From EfficientNet-Lite0's weights plan 1 does better than plan 2 on
50 and on 150 images a class of CIFAR-10 and worse on 500 (benchmarks.transfer_table); between them the line is drawn by
hand."""

DIFFERENT = 0.25
"""From this distance on (kcnn.transfer.similarity) data are different. From what EfficientNet-Lite0 knows of ImageNet,
at 96 pixels, CIFAR-10 is at 0.11, ants and bees 0.14, MNIST 0.57, scikit-learn's digits 0.58, brain tissue under the
electron microscope 0.74; at 224 pixels ants and bees 0.07, digits 1.00, brain tissue 1.03
(benchmarks.transfer_distances). Other networks have not been measured."""


@dataclass(frozen=True)
class Plan:
    """What is done in a scenario: in a word, in a sentence, and as changes to a recipe.

    `keeps` says what never learns: everything, what is below the last stage that is kept, or nothing. Images that look
    like those the network knows are augmented as its own training was; what different ones bear is not known.
    """

    data: str
    name: str
    does: str
    keeps: Literal["everything", "below", "nothing"]
    changes: Mapping[str, Any]


PLANS: dict[int, Plan] = {
    1: Plan(
        "small and similar",
        "feature extractor",
        "every layer stays as it is; the head is the logistic regression on what they answer",
        "everything",
        {"augment": None, "train.epochs": 1},
    ),
    2: Plan(
        "large and similar",
        "fine-tune the full network",
        "from the fitted head down a stage more each epoch, lower stages at lower rates",
        "nothing",
        {"transfer.thaw_epochs": 1, "transfer.rate_decay": 0.8},
    ),
    3: Plan(
        "small and different",
        "fine-tune from earlier activations",
        "cut where logistic regression on the features does best; what is below the last stage kept stays as it is",
        "below",
        {"augment": None, "transfer.norm_momentum": 0.9},
    ),
    4: Plan(
        "large and different",
        "fine-tune the entire network",
        "all layers learn from the first step, at one rate; their statistics follow quickly",
        "nothing",
        {"augment": None, "transfer.norm_momentum": 0.9},
    ),
}


@dataclass(frozen=True)
class Proposal:
    """The scenario that a dataset calls for, and why; None, and no distance, where a network cannot measure it."""

    scenario: int | None
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


def propose(per_class: float, distance: float | None) -> Proposal:
    """The scenario for so many training images a class at such a distance, if that is known."""
    if distance is None:
        return Proposal(None, per_class, None)
    different, large = distance >= DIFFERENT, per_class >= SMALL
    return Proposal((4 if large else 3) if different else (2 if large else 1), per_class, distance)
