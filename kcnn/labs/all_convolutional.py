"""Pooling against convolutions that halve, under one budget: Springenberg, Dosovitskiy, Brox, Riedmiller 2015, table 3.

The four networks of base C, on digits. The paper's errors on CIFAR-10, after 350 epochs and each with the best of four
learning rates: 9.74 % with pooling, 10.19 % where the convolution before it strides instead, 9.31 % with a further
convolution and pooling, 9.08 % where that one strides: convolutions alone.
"""

from collections.abc import Mapping
from functools import partial

from kcnn.labs.contest import contest, losses, measured
from kcnn.labs.lab import Outcome
from kcnn.labs.training import digits
from kcnn.models import build
from kcnn.plots.panels import Points, panels
from kcnn.recipes.optimize import Adam

EPOCHS = 5
SEEDS, FULL_SEEDS = (0,), (0, 1, 2)
NETWORKS: Mapping[str, str] = {
    "pooling": "base_cnn_c",
    "strided": "strided_cnn_c",
    "one more, and pooling": "convpool_cnn_c",
    "all convolutions": "all_cnn_c",
}
LEVEL = 0.01
"""By how much the network of convolutions alone may be worse than the best of the others: three test images."""


def measure(full: bool = False, networks: Mapping[str, str] = NETWORKS) -> Outcome:
    """Train all four alike; the last must be level with the best of the others."""
    known = digits(factor=2)
    makers = {
        kind: partial(build, name, known.train.shape[1:], classes=10, dropout=0.0) for kind, name in networks.items()
    }
    found = contest(makers, known, EPOCHS, FULL_SEEDS if full else SEEDS, optimizer=Adam(lr=1e-3))
    *others, last = found.values()
    shown = {kind: (each.multiply_adds, each.accuracy) for kind, each in found.items()}
    spread = {kind: each.deviation for kind, each in found.items()} if full else {}
    row = [losses(found), Points(shown, "test accuracy on digits", "multiply-adds for an image", spread)]
    holds = last.accuracy > 0.9 and last.accuracy > max(each.accuracy for each in others) - LEVEL
    return Outcome(holds, measured(found), panels([row], width=4.6, height=4.2))
