"""Networks that learn the same images under one budget, and what each needs for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from kcnn.labs.training import Dataset, seed_weights, trained
from kcnn.models.summary import summarise

Make = Callable[[], keras.Model]
"""Builds a network for the images; its weights are drawn with the seed that was set before."""


@dataclass(frozen=True)
class Contestant:
    """Test accuracy by seed, training loss (seeds, epochs), parameters, and multiply-adds for an image."""

    accuracies: np.ndarray
    losses: np.ndarray
    parameters: int
    multiply_adds: int

    @property
    def accuracy(self) -> float:
        """The mean over seeds."""
        return float(self.accuracies.mean())

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
    accuracies, losses = [], []
    for seed in seeds:
        seed_weights(seed)
        model = make()
        learner = trained(model, data.train, data.train_labels, epochs, seed, **how)
        accuracies.append(learner.accuracy(data.test, data.test_labels))
        losses.append([epoch["loss"] for epoch in learner.history])
    cost = summarise(model)
    return Contestant(np.array(accuracies), np.array(losses), cost.trainable_parameters, cost.multiply_adds)
