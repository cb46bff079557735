"""A deeper plain network fits even its training images worse, a residual one does not: He et al. 2015, figure 6.

The paper trains on CIFAR-10 for 64,000 updates, after which plain-56 still has a higher training error than plain-20.
Here digits of 8x8 pixels are learned in a few hundred updates, by all four networks alike: how fast each fits them is
seen, not where a long training ends.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from kcnn.labs.contest import accuracies, contest, losses, measured
from kcnn.labs.lab import Outcome
from kcnn.labs.training import digits
from kcnn.models import build
from kcnn.plots.panels import panels
from kcnn.recipes.optimize import Sgd

EPOCHS, FULL_EPOCHS = 20, 40
SEEDS, FULL_SEEDS = (0,), (0, 1)
OPTIMIZER = Sgd(lr=0.1, weight_decay=1e-4)
"""The paper's; the schedule and the batches of 64 are the labs' own."""

WORSE, LEVEL = 0.2, 0.1
"""Nats of training loss: how much is worse at least, and how much is level at most."""


def measure(
    full: bool = False,
    plain: Sequence[str] = ("plain20_cifar", "plain56_cifar"),
    residual: Sequence[str] = ("resnet20_cifar", "resnet56_cifar"),
    epochs: int | None = None,
) -> Outcome:
    """Train all four alike; compare the training loss of the deep ones with that of the shallow ones."""
    data = digits()
    makers = {
        name.removesuffix("_cifar"): partial(build, name, data.train.shape[1:], classes=10)
        for name in (*plain, *residual)
    }
    epochs = epochs or (FULL_EPOCHS if full else EPOCHS)
    found = contest(makers, data, epochs, FULL_SEEDS if full else SEEDS, optimizer=OPTIMIZER)
    numbers = measured(found)
    for name, each in found.items():
        numbers[f"training_loss_{name}"] = float(each.loss[-1])
        numbers[f"training_error_{name}"] = float(
            np.mean([1 - learner.history[-1]["accuracy"] for learner in each.learners])
        )
    shallow, deep, shallow_residual, deep_residual = (each.loss[-1] for each in found.values())
    row = [losses(found, log=""), accuracies(found)]
    holds = bool(deep > shallow + WORSE and deep_residual < shallow_residual + LEVEL)
    return Outcome(holds, numbers, panels([row], width=4.8, height=4.0))
