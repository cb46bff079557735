"""Dropout and weight decay against overfitting: Srivastava et al. 2014; Krogh and Hertz 1992.

A fully connected network learns the digits until it knows them all by heart, and is asked about others. A test loss far
above the training loss is overfitting; what regularises brings it down. Srivastava et al., figure 10, found that
dropout gains nothing with 100 or 500 images, most with some thousands, and less again with 50,000.
"""

from collections.abc import Mapping

import numpy as np

from kcnn.labs.lab import Outcome
from kcnn.labs.training import Dataset, digits, first_weights, trained
from kcnn.plots.panels import Bars, panels
from kcnn.recipes.optimize import Sgd

HIDDEN = (1024, 1024)
EPOCHS = 30
SEEDS, FULL_SEEDS = (0, 1, 2), tuple(range(10))
RATE, DROPOUT, DECAY = 0.05, 0.5, 5e-4
"""The last two are those of Krizhevsky, Sutskever, Hinton 2012."""

MEASURED = ("training_accuracy", "training_loss", "test_loss", "test_accuracy")
BY_HEART = 0.999
"""The share of the training images that a network names which knows them by heart: it may miss one of 1,438."""

KINDS: Mapping[str, tuple[float, float]] = {
    "nothing": (0.0, 0.0),
    "dropout": (DROPOUT, 0.0),
    "weight decay": (0.0, DECAY),
    "both": (DROPOUT, DECAY),
}


def measure(full: bool = False, kinds: Mapping[str, tuple[float, float]] = KINDS) -> Outcome:
    """Train with and without, a time a seed; compare loss and accuracy of what was learned with those of the test."""
    known = digits()
    seeds = FULL_SEEDS if full else SEEDS
    found = {kind: np.array([losses(*how, known, seed) for seed in seeds]) for kind, how in kinds.items()}
    numbers: dict[str, float] = {}
    for kind, values in found.items():
        named = dict(zip(MEASURED, values.mean(0), strict=True))
        numbers |= {f"{measured}_{kind.replace(' ', '_')}": float(value) for measured, value in named.items()}
    holds = numbers["training_accuracy_nothing"] > BY_HEART
    for kind in ("dropout", "weight decay"):
        better = found["nothing"][:, 2] - found[kind][:, 2]
        holds &= bool(better.mean() > 2 * better.std(ddof=1) / len(seeds) ** 0.5)
    row = [
        Bars({kind: values.mean(0)[1] for kind, values in found.items()}, "loss on what was learned", form=".4f"),
        Bars({kind: values.mean(0)[2] for kind, values in found.items()}, "loss on other digits", form=".4f"),
        Bars({kind: values.mean(0)[3] for kind, values in found.items()}, "accuracy on other digits", form=".1%"),
    ]
    return Outcome(holds, numbers, panels([row], width=3.8))


def losses(dropout: float, decay: float, known: Dataset, seed: int) -> tuple[float, float, float, float]:
    """What is MEASURED of a network: accuracy, and mean cross-entropy, on what was learned and on the test images."""
    model = first_weights("mlp", 8, seed, hidden=HIDDEN, dropout=dropout)
    learner = trained(model, known.train, known.train_labels, EPOCHS, seed, Sgd(lr=RATE, weight_decay=decay))
    return (
        learner.accuracy(known.train, known.train_labels),
        learner.loss(known.train, known.train_labels),
        learner.loss(known.test, known.test_labels),
        learner.accuracy(known.test, known.test_labels),
    )
