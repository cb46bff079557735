"""Batch normalisation fails on small batches, group normalisation does not: Wu, He 2018, figure 1.

The paper's errors of ResNet-50 on ImageNet at 32, 16, 8, 4 and 2 images a device: 23.6, 23.7, 24.8, 27.3, 34.7 % with
batch normalisation and 24.1, 24.2, 24.0, 24.2, 24.1 % with group normalisation. Here ResNet-20 learns digits of 8x8
pixels. Trained, it is asked twice: with the running means, as in every test, and with those of the batch, as in
training, in batches of the size that it learned from.

On digits the claim does not hold. The paper has photographs of 1,000 classes, 50 layers and 100 epochs.
"""

from collections.abc import Callable

import numpy as np

from kcnn.evaluation.accuracy import accuracy
from kcnn.labs.lab import Outcome
from kcnn.labs.training import digits, seed_weights, trained
from kcnn.models import build
from kcnn.plots.panels import Curves, panels
from kcnn.recipes.optimize import Sgd

SIZES = (32, 16, 8, 4, 2)
EPOCHS = 5
SEEDS, FULL_SEEDS = (0,), (0, 1, 2)
RATE = 0.05
"""For batches of 32; in proportion to the batch, as in the paper."""

MARGIN = 0.02
"""Seven test images: more than chance does to two trainings of the same network."""


def trained_errors(kind: str, size: int, seed: int) -> tuple[float, float]:
    """The test error after batches of that size: with the running means, and batch by batch, as in training."""
    data = digits()
    seed_weights(seed)
    model = build("resnet20_cifar", data.train.shape[1:], classes=10, norm=kind)
    optimizer = Sgd(lr=RATE * size / SIZES[0])
    learner = trained(model, data.train, data.train_labels, EPOCHS, seed, optimizer, batch=size)
    batches = np.split(np.arange(len(data.test)), range(size, len(data.test), size))
    logits = np.concatenate([learner.logits_as_in_training(data.test[batch]) for batch in batches])
    return 1 - learner.accuracy(data.test, data.test_labels), 1 - accuracy(logits, data.test_labels)


def measure(full: bool = False, errors: Callable[[str, int, int], tuple[float, float]] = trained_errors) -> Outcome:
    """Train with both at every batch size; compare the test errors after the largest with those after the smallest.

    `errors` answers what `trained_errors` does, of a normalisation, a batch size and a seed.
    """
    seeds = FULL_SEEDS if full else SEEDS
    found = {
        kind: np.array([np.mean([errors(kind, size, seed) for seed in seeds], 0) for size in SIZES])
        for kind in ("batch", "group")
    }
    numbers = {
        f"{asked}_error_{kind}_{size}": float(value)
        for kind, by_size in found.items()
        for size, pair in zip(SIZES, by_size, strict=True)
        for asked, value in zip(("test", "training"), pair, strict=True)
    }
    lost = {kind: by_size[-1, 0] - by_size[0, 0] for kind, by_size in found.items()}
    lines = {
        "batch: running means": found["batch"][:, 0],
        "batch: means of the batch": found["batch"][:, 1],
        "group": found["group"][:, 0],
    }
    curves = Curves(SIZES, lines, "test error on digits", "images in a batch", "error", log="x", bottom=0.0)
    return Outcome(bool(lost["batch"] > MARGIN > lost["group"]), numbers, panels([[curves]], width=5.4, height=4.4))
