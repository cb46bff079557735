"""Batch normalisation fails on small batches, group normalisation does not: Wu, He 2018, figure 1.

The paper's errors of ResNet-50 on ImageNet at 32, 16, 8, 4 and 2 images a device: 23.6, 23.7, 24.8, 27.3, 34.7 % with
batch normalisation and 24.1, 24.2, 24.0, 24.2, 24.1 % with group normalisation. Here ResNet-20 learns digits of 8x8
pixels. Trained, it is asked twice: with the running means, as in every test, and with those of the batch, as in
training, in batches of the size that it learned from.
"""

from collections.abc import Sequence

import numpy as np

from kcnn.evaluation.accuracy import accuracy
from kcnn.labs.lab import Outcome
from kcnn.labs.training import Dataset, digits, seed_weights, trained
from kcnn.models import build
from kcnn.plots.panels import Curves, panels
from kcnn.recipes.optimize import Sgd

SIZES = (32, 16, 8, 4, 2)
EPOCHS, FULL_EPOCHS = 5, 10
SEEDS, FULL_SEEDS = (0,), (0, 1, 2)
RATE = 0.05
"""For batches of 32; in proportion to the batch, as in the paper."""

MARGIN = 0.02
"""Seven test images: more than chance does to two trainings of the same network."""


def measure(full: bool = False, fragile: str = "batch", steady: str = "group", sizes: Sequence[int] = SIZES) -> Outcome:
    """Train with both at every batch size; compare the test errors after the largest with those after the smallest."""
    data = digits()
    epochs, seeds = (FULL_EPOCHS, FULL_SEEDS) if full else (EPOCHS, SEEDS)
    found = {
        kind: np.array([np.mean([errors(kind, size, data, epochs, seed) for seed in seeds], 0) for size in sizes])
        for kind in (fragile, steady)
    }
    numbers = {
        f"{asked}_error_{kind}_{size}": float(value)
        for kind, by_size in found.items()
        for size, pair in zip(sizes, by_size, strict=True)
        for asked, value in zip(("test", "training"), pair, strict=True)
    }
    lost = {kind: by_size[-1, 0] - by_size[0, 0] for kind, by_size in found.items()}
    lines = {
        f"{fragile}: running means": found[fragile][:, 0],
        f"{fragile}: means of the batch": found[fragile][:, 1],
        f"{steady}": found[steady][:, 0],
    }
    curves = Curves(sizes, lines, "test error", "images in a batch", "error", log="x", bottom=0.0)
    return Outcome(bool(lost[fragile] > MARGIN > lost[steady]), numbers, panels([[curves]], width=5.4, height=4.4))


def errors(kind: str, size: int, data: Dataset, epochs: int, seed: int) -> tuple[float, float]:
    """The test error of a trained network in test, and as in training: batch by batch of that size."""
    seed_weights(seed)
    model = build("resnet20_cifar", data.train.shape[1:], classes=10, norm=kind)
    learner = trained(
        model,
        data.train,
        data.train_labels,
        epochs,
        seed,
        Sgd(lr=RATE * size / SIZES[0]),
        batch=size,
    )
    batches = np.split(np.arange(len(data.test)), range(size, len(data.test), size))
    logits = np.concatenate([learner.logits(data.test[batch], training=True) for batch in batches])
    return 1 - learner.accuracy(data.test, data.test_labels), 1 - accuracy(logits, data.test_labels)
