"""What a network is for decides how it learns, how it is judged and what is drawn of it: a task a file."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from kcnn.errors import InputError
from kcnn.models.catalog import variant
from kcnn.recipes import Recipe
from kcnn.recipes.data import Pixels

if TYPE_CHECKING:
    import keras
    import numpy as np

    from kcnn.data.pipeline import Batches
    from kcnn.data.source import Source
    from kcnn.plots.figure import Figure
    from kcnn.training.objectives import Objective
    from kcnn.training.trainer import Trainer


@dataclass(frozen=True)
class Headline:
    """The measure that runs of a task are compared by; None where there is none."""

    metric: str | None
    highest: bool = True


HEADLINES = {
    "classification": Headline("accuracy"),
    "segmentation": Headline("iou"),
    "reconstruction": Headline("squared_error", highest=False),
    "generation": Headline(None),
}

_MODULES = {
    "classification": ("classification", "Classifying"),
    "segmentation": ("segmentation", "Segmenting"),
    "reconstruction": ("generation", "Reconstructing"),
    "generation": ("generation", "Generating"),
}

_PRESENTED = {
    # Pixels in 0..1 are what is reconstructed; a generator's hyperbolic tangent answers -1..1.
    "reconstruction": Pixels(mean=(0.0,), std=(1.0,)),
    "generation": Pixels(mean=(0.5,), std=(0.5,)),
}


@dataclass(frozen=True)
class Measured:
    """What was found on a split: numbers by name, and counts (classes, classes) of truth and answer, where classes."""

    metrics: dict[str, float]
    counts: "np.ndarray | None" = None


@dataclass(frozen=True)
class Terms:
    """What a task works with: the recipe, its data, and how many replicas share a batch."""

    recipe: Recipe
    source: "Source"
    replicas: int


class Task(Protocol):
    """What a session asks of a task; it is made of `Terms` and a built model."""

    source: "Source"
    objective: "Objective"
    steps_per_epoch: int

    def __init__(self, terms: Terms, model: "keras.Model"): ...

    def training(self, epoch: int, start: int) -> "Batches":
        """The batches of an epoch from a step on."""

    def measured(self, trainer: "Trainer", split: str) -> Measured:
        """How the trained model does on a split, every example counted once."""

    def saved(self, model: "keras.Model") -> "keras.Model":
        """What of the model is kept when it is trained."""

    def draw_batch(self) -> "Figure":
        """What the network really sees: the first images of the first batch."""

    def draw_epoch(self, trainer: "Trainer") -> "dict[str, Figure]":
        """What is kept of every epoch."""


def of(recipe: Recipe) -> str:
    """The task of a recipe's model."""
    return variant(recipe.model.name).task


def check_classifier(run: str, recipe: Recipe, what: str) -> None:
    """Raise InputError where a run is no classifier and `what`, a sentence's beginning, is for classifiers."""
    if of(recipe) != "classification":
        raise InputError(f"{what} classifiers: {run} is a {recipe.model.name} ({of(recipe)})")


def presented(recipe: Recipe) -> Pixels | None:
    """How the images must be presented to the network; None where the statistics of train say it."""
    return _PRESENTED.get(of(recipe))


def implementation(recipe: Recipe) -> type[Task]:
    """The class of a recipe's task; imports TensorFlow."""
    module, name = _MODULES[of(recipe)]
    return getattr(import_module(f"{__name__}.{module}"), name)
