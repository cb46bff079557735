"""What a network is for decides how it learns, how it is judged and what is drawn of it: a task a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from kcnn.errors import InputError
from kcnn.models.catalog import EXAMPLES, variant
from kcnn.recipes import Recipe
from kcnn.recipes.data import Pixels
from kcnn.recipes.forecast import Forecast
from kcnn.recipes.series import Series

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
    "regression": Headline("loss", highest=False),
    "labelling": Headline("loss", highest=False),
    "prediction": Headline("loss", highest=False),
    "autoregression": Headline("bits", highest=False),
    "forecasting": Headline("mase", highest=False),
}

_MODULES = {
    ("images", "classification"): ("classification", "Classifying"),
    ("masks", "segmentation"): ("segmentation", "Segmenting"),
    ("images", "reconstruction"): ("generation", "Reconstructing"),
    ("images", "generation"): ("generation", "Generating"),
    ("series", "classification"): ("series", "NamingSeries"),
    ("series", "regression"): ("series", "Regressing"),
    ("series", "labelling"): ("series", "LabellingSteps"),
    ("series", "prediction"): ("series", "Predicting"),
    ("text", "classification"): ("texts", "NamingTexts"),
    ("audio", "classification"): ("sounds", "NamingSounds"),
    ("audio", "autoregression"): ("sounds", "Continuing"),
    ("video", "classification"): ("clips", "NamingClips"),
    ("forecast", "forecasting"): ("forecasts", "ForecastingSeries"),
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
class Closing:
    """What is made once, of a network that is trained: measures, figures, what is kept as JSON files, what it made as
    files, by name.

    The names of measures begin with their splits; behind a slash stands what a measure is of, such as one series.
    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    figures: "Mapping[str, Figure]" = field(default_factory=dict)
    kept: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    made: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Terms:
    """What a task works with: the recipe, its data, and how many replicas share a batch."""

    recipe: Recipe
    source: "Source[Any, Any]"
    replicas: int


class Task(Protocol):
    """What a session asks of a task; it is made of `Terms` and a built model.

    `blind_loss` is that of the best answer which does not look at its input, where there is one to be beaten.
    """

    source: "Source[Any, Any]"
    objective: "Objective"
    steps_per_epoch: int

    @property
    def blind_loss(self) -> float | None:
        """In nats, or whatever the loss is in."""

    def __init__(self, terms: Terms, model: "keras.Model"): ...

    def training(self, epoch: int, start: int) -> "Batches":
        """The batches of an epoch from a step on."""

    def measured(self, trainer: "Trainer", split: str) -> Measured:
        """How the trained model does on a split, every example counted once."""

    def closing(self, trainer: "Trainer") -> Closing:
        """What is made at the end, after every split was measured."""

    def saved(self, model: "keras.Model") -> "keras.Model":
        """What of the model is kept when it is trained."""

    def draw_batch(self) -> "Figure":
        """What the network really sees: the first examples of the first batch."""

    def draw_epoch(self, trainer: "Trainer") -> "dict[str, Figure]":
        """What is kept of every epoch."""


def of(recipe: Recipe) -> str:
    """What a recipe is for: the task of its model, or, of a network of series, that of its data."""
    if isinstance(recipe.data, Forecast):
        return "forecasting"
    return recipe.data.task if isinstance(recipe.data, Series) else variant(recipe.model.name).task


def check_classifier(run: str, recipe: Recipe, what: str) -> None:
    """Raise InputError where a run is no classifier of images and `what`, a sentence's beginning, is for these."""
    if not variant(recipe.model.name).classifier:
        _, examples = EXAMPLES[recipe.data.kind]
        raise InputError(f"{what} classifiers of images: {run} is a {recipe.model.name} ({of(recipe)} of {examples})")


def presented(recipe: Recipe) -> Pixels | None:
    """How the images must be presented to the network; None where the statistics of train say it."""
    return _PRESENTED.get(of(recipe))


def implementation(recipe: Recipe) -> type[Task]:
    """The class of a recipe's task; imports TensorFlow."""
    module, name = _MODULES[recipe.data.kind, of(recipe)]
    return getattr(import_module(f"{__name__}.{module}"), name)
