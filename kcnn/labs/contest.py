"""Networks that learn the same images under one budget, and what each needs for it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from kcnn.labs.training import Dataset, Learner, seed_weights, trained
from kcnn.models.summary import summarise
from kcnn.plots.panels import Bars, Curves

Make = Callable[[], keras.Model]
"""Builds a network for the images; its weights are drawn with the seed that was set before."""


@dataclass(frozen=True)
class Contestant:
    """A learner and its test accuracy a seed, training loss (seeds, epochs), parameters, multiply-adds for an image."""

    learners: Sequence[Learner]
    accuracies: np.ndarray
    losses: np.ndarray
    parameters: int
    multiply_adds: int

    @property
    def accuracy(self) -> float:
        """The mean over seeds."""
        return float(self.accuracies.mean())

    @property
    def deviation(self) -> float:
        """The standard deviation of the accuracy over seeds; 0 of one."""
        return float(self.accuracies.std(ddof=1)) if len(self.accuracies) > 1 else 0.0

    @property
    def loss(self) -> np.ndarray:
        """The mean over seeds, by epoch."""
        return self.losses.mean(0)


def contest(
    makers: Mapping[str, Make], data: Dataset, epochs: int, seeds: Sequence[int] = (0,), **how: Any
) -> dict[str, Contestant]:
    """Let every network learn the data once a seed; `how` goes to `trained`."""
    return {name: _contestant(make, data, epochs, seeds, how) for name, make in makers.items()}


def _contestant(make: Make, data: Dataset, epochs: int, seeds: Sequence[int], how: Mapping[str, Any]) -> Contestant:
    learners = []
    for seed in seeds:
        seed_weights(seed)
        learners.append(trained(make(), data.train, data.train_labels, epochs, seed, **how))
    cost = summarise(learners[0].model)
    return Contestant(
        learners,
        np.array([learner.accuracy(data.test, data.test_labels) for learner in learners]),
        np.array([[epoch["loss"] for epoch in learner.history] for learner in learners]),
        cost.trainable_parameters,
        cost.multiply_adds,
    )


def measured(found: Mapping[str, Contestant]) -> dict[str, float]:
    """The numbers of each, by what they are and its name: `accuracy_resnet_20`."""
    numbers: dict[str, float] = {}
    for name, each in found.items():
        key = re.sub(r"\W+", "_", name.lower())
        numbers |= {
            f"parameters_{key}": each.parameters,
            f"multiply_adds_{key}": each.multiply_adds,
            f"accuracy_{key}": each.accuracy,
            f"deviation_{key}": each.deviation,
        }
    return numbers


def parameters(found: Mapping[str, Contestant]) -> Bars:
    """Those of each."""
    return Bars({name: each.parameters for name, each in found.items()}, "parameters")


def multiply_adds(found: Mapping[str, Contestant]) -> Bars:
    """Those of each."""
    return Bars({name: each.multiply_adds for name, each in found.items()}, "multiply-adds for an image")


def accuracies(found: Mapping[str, Contestant]) -> Bars:
    """The mean of each over its seeds."""
    seeds = max(len(each.accuracies) for each in found.values())
    return Bars(
        {name: each.accuracy for name, each in found.items()},
        "test accuracy on digits",
        form=".1%",
        caption=f"mean of {seeds} seeds" if seeds > 1 else "",
    )


def losses(found: Mapping[str, Contestant], log: str = "y") -> Curves:
    """The training loss of each, by epoch."""
    curves = {name: each.loss for name, each in found.items()}
    epochs = range(1, 1 + max(map(len, curves.values())))
    bottom = None if log else 0.0
    return Curves(epochs, curves, "loss on the training images", "epoch", log=log, bottom=bottom)
