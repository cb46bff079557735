"""1x1 reductions save most multiply-adds of an inception network at no loss: Szegedy et al. 2015, figure 2a against 2b.

Two networks of two modules learn digits. The modules have a quarter of the filters of GoogLeNet's 3a and 3b (table 1).
In the naive network a module passes on all maps of its maximum, so that the next one sees more than in the reduced.
"""

from collections.abc import Sequence
from functools import partial

import keras
from keras import layers

from kcnn.labs.contest import accuracies, contest, losses, measured, multiply_adds
from kcnn.labs.lab import Outcome
from kcnn.labs.training import digits
from kcnn.layers import Inception
from kcnn.layers.block import BATCH, conv
from kcnn.models.parts import mean_classifier
from kcnn.plots.panels import panels

IMAGE, EPOCHS, FULL_EPOCHS = 16, 12, 24
SEEDS, FULL_SEEDS = (0, 1), (0, 1, 2)
STEM = 48
FILTERS = ((16, 32, 8), (32, 48, 24))
"""1x1, 3x3 and 5x5 of each module."""
REDUCTIONS = ((24, 4, 8), (32, 8, 16))
"""1x1 before 3x3, before 5x5 and after the maximum; None for the naive module."""

Reductions = Sequence[tuple[int, int, int] | None]


def measure(
    full: bool = False,
    reductions: Reductions = REDUCTIONS,
    epochs: int | None = None,
    seeds: Sequence[int] | None = None,
) -> Outcome:
    """Let both networks learn the digits, over seeds, and count their multiply-adds."""
    epochs = epochs or (FULL_EPOCHS if full else EPOCHS)
    seeds = seeds or (FULL_SEEDS if full else SEEDS)
    makers = {"naive": partial(network, [None] * len(FILTERS)), "reduced": partial(network, reductions)}
    found = contest(makers, digits(factor=2), epochs, seeds)
    naive, reduced = found["naive"], found["reduced"]
    saved = 1 - reduced.multiply_adds / naive.multiply_adds
    holds = saved > 0.7 and naive.accuracy > 0.9 and reduced.accuracy > naive.accuracy - 0.01
    row = [multiply_adds(found), accuracies(found), losses(found)]
    return Outcome(holds, measured(found) | {"multiply_adds_saved": saved}, panels([row], width=4.2, height=3.0))


def network(reductions: Reductions) -> keras.Model:
    """A convolution and two modules; they are naive where they get no reductions."""
    image = keras.Input((IMAGE, IMAGE, 1))
    x = layers.MaxPooling2D()(conv(image, STEM, 3, norm=BATCH, name="stem"))  # (8, 8, 48)
    for index, (filters, narrow) in enumerate(zip(FILTERS, reductions, strict=True), 1):
        threes, fives, pool = narrow or (None, None, None)
        name = f"module{index}"  # reduced: (8, 8, 64) and (8, 8, 120)
        x = Inception(*filters, reduce_threes=threes, reduce_fives=fives, pool=pool, norm=BATCH, name=name).inline(x)
    return keras.Model(image, mean_classifier(x, 10))
