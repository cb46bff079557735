"""Three 3x3 convolutions do for one of 7x7, at 27 weights for its 49: Simonyan and Zisserman 2015, section 2.3.

Networks of two stages learn digits; a stage is a stack of convolutions that keep its width and see the same 7x7 places:
three of 3x3, one of 5x5 and one of 3x3, or one of 7x7. As in the paper there is no normalisation.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import keras
from keras import layers

from kcnn.arithmetic.receptive_field import stack_field
from kcnn.labs.contest import Contestant, accuracies, contest, measured, multiply_adds, parameters
from kcnn.labs.lab import Outcome
from kcnn.labs.training import digits
from kcnn.layers.block import conv
from kcnn.models.parts import mean_classifier
from kcnn.plots.panels import panels
from kcnn.recipes.optimize import Adam

IMAGE, EPOCHS, FULL_EPOCHS = 16, 12, 24
SEEDS, FULL_SEEDS = (0, 1, 2), (0, 1, 2, 3, 4)
MAPS = (16, 32)
"""Of the stages."""
RATES: Mapping[tuple[int, ...], float] = {(3, 3, 3): 4e-3, (5, 3): 1e-3, (7,): 2e-3}
"""Of Adam, by stack: of 1e-3, 2e-3 and 4e-3, and no others, what was best on a quarter of train held out, one seed."""


def measure(
    full: bool = False,
    rates: Mapping[tuple[int, ...], float] = RATES,
    epochs: int | None = None,
    seeds: Sequence[int] | None = None,
) -> Outcome:
    """Let a network of each stack learn the digits, over seeds; the first is held against the last."""
    epochs = epochs or (FULL_EPOCHS if full else EPOCHS)
    seeds = seeds or (FULL_SEEDS if full else SEEDS)
    found: dict[str, Contestant] = {}
    for stack, rate in rates.items():
        maker = {label(stack): partial(network, stack)}
        found |= contest(maker, digits(factor=2), epochs, seeds, optimizer=Adam(lr=rate))
    sides = [stack_field([(kernel, 1) for kernel in stack]).size for stack in rates]
    small, *_, large = found.values()
    holds = (
        len(set(sides)) == 1
        and small.parameters < 0.6 * large.parameters
        and small.multiply_adds < 0.6 * large.multiply_adds
        and large.accuracy > 0.9
        and small.accuracy > large.accuracy - 0.01
    )
    row = [parameters(found), multiply_adds(found), accuracies(found)]
    return Outcome(holds, measured(found), panels([row], width=4.4, height=3.0))


def network(stack: Sequence[int]) -> keras.Model:
    """A 1x1 convolution that widens, then stage after stage the same stack, halved between them by a maximum."""
    image = x = keras.Input((IMAGE, IMAGE, 1))
    for stage, maps in enumerate(MAPS, 1):  # (16, 16, 16), (8, 8, 32)
        x = conv(x, maps, 1, name=f"stage{stage}_widen")
        for index, kernel in enumerate(stack, 1):
            x = conv(x, maps, kernel, name=f"stage{stage}_block{index}")
        x = layers.MaxPooling2D(name=f"stage{stage}_pool")(x)
    return keras.Model(image, mean_classifier(x, 10))


def label(stack: Sequence[int]) -> str:
    """3x3 + 3x3."""
    return " + ".join(f"{kernel}x{kernel}" for kernel in stack)
