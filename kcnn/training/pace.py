"""Which layers learn from when on, and how fast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import keras


@dataclass(frozen=True)
class Pace:
    """Layers by name. `thawing` says from which epoch on (counted from 0) which are frozen, until its next entry.

    `rates` has the factors of learning rates; a layer that is not in it learns at the recipe's.
    """

    thawing: Sequence[tuple[int, frozenset[str]]] = ((0, frozenset()),)
    rates: Mapping[str, float] = field(default_factory=dict)

    def at(self, epoch: int) -> tuple[int, frozenset[str]]:
        """The epoch in which the present state began, and what is frozen in it."""
        return max((entry for entry in self.thawing if entry[0] <= epoch), key=lambda entry: entry[0])

    def thawed(self) -> "Pace":
        """The same from its last state on."""
        return replace(self, thawing=((0, self.thawing[-1][1]),))

    def freeze(self, model: keras.Model, epoch: int) -> None:
        """Freeze the layers of the model as they are in an epoch; frozen normalisation keeps its statistics."""
        _, frozen = self.at(epoch)
        for name in frozenset().union(*(names for _, names in self.thawing)):
            model.get_layer(name).trainable = name not in frozen

    def factors(self, model: keras.Model) -> list[float]:
        """Of the learning rate, for each of the model's trainable variables; empty where all are 1."""
        if not self.rates:
            return []
        known = {
            id(variable): self.rates.get(layer.name, 1.0)
            for layer in model.layers
            for variable in layer.trainable_variables
        }
        return [known[id(variable)] for variable in model.trainable_variables]
