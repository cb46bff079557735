"""Dense blocks use features again, so that fewer parameters do as well: Huang et al. 2017, figures 4 and 5.

A DenseNet of 22 layers (k = 8, no bottlenecks, as in figure 5) learns digits beside ResNet-20. Its weights are drawn by
the layer that made the maps and the layer that sees them. They begin even, and stay nearly so: what vanishes in the
paper's figure does so in 300 epochs of weight decay, which are not run here.
"""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import keras
import numpy as np

from kcnn.labs.contest import accuracies, contest, measured, multiply_adds, parameters
from kcnn.labs.lab import Outcome
from kcnn.labs.training import digits, seed_weights
from kcnn.layers import DenseBlock, Transition
from kcnn.layers.block import BATCH, act, conv, normalised
from kcnn.models import build
from kcnn.models.parts import mean_classifier
from kcnn.plots.panels import Picture, panels
from kcnn.recipes.optimize import Sgd

IMAGE, EPOCHS, FULL_EPOCHS = 16, 5, 20
SEEDS, FULL_SEEDS = (0, 1), (0, 1, 2)
STEM, BLOCKS, DEPTH = 16, 3, 6
AXES = "a row a source, a column a layer that sees it"
SGD = Sgd(lr=0.1, nesterov=True, weight_decay=1e-4)  # as in the paper


def measure(
    full: bool = False,
    growth: int = 8,
    epochs: int | None = None,
    seeds: Sequence[int] | None = None,
) -> Outcome:
    """Let both networks learn the digits, over seeds, and draw what each layer's weights make of those before it."""
    epochs = epochs or (FULL_EPOCHS if full else EPOCHS)
    seeds = seeds or (FULL_SEEDS if full else SEEDS)
    makers = {
        "DenseNet-22": partial(network, growth),
        "ResNet-20": partial(build, "resnet20_cifar", (IMAGE, IMAGE, 1), 10),
    }
    found = contest(makers, digits(factor=2), epochs, seeds, optimizer=SGD)
    dense, residual = found.values()
    maps = np.mean([shares(learner.model) for learner in dense.learners], axis=0)
    seed_weights(0)
    before = shares(network(growth))
    numbers = measured(found) | {
        "smallest_mean_share_of_the_largest_weight": float(np.nanmean(maps, axis=2).min()),
        "smallest_mean_share_before_training": float(np.nanmean(before, axis=2).min()),
    }
    holds = (
        dense.parameters < 0.5 * residual.parameters
        and residual.accuracy > 0.9
        and dense.accuracy > residual.accuracy - 0.01
    )
    above = [parameters(found), multiply_adds(found), accuracies(found)]
    below = [
        Picture(each, f"weights in block {block}", "heat", caption=AXES, scale="mean absolute weight, 1 the largest")
        for block, each in enumerate(maps, 1)
    ]
    return Outcome(holds, numbers, panels([above, below], width=4.2, height=3.4))


def network(growth: int) -> keras.Model:
    """The paper's network for CIFAR with blocks of six layers; its transitions keep all maps."""
    image = keras.Input((IMAGE, IMAGE, 1))
    x = conv(image, STEM, 3, activation=None, use_bias=False, name="stem")
    for block in range(1, BLOCKS + 1):  # at k = 8: (16, 16, 64), (8, 8, 112), (4, 4, 160)
        x = Transition(1.0, name=f"transition{block - 1}").inline(x) if block > 1 else x
        x = DenseBlock(DEPTH, growth, name=f"stage{block}").inline(x)
    return keras.Model(image, mean_classifier(act(normalised(x, BATCH, "last"), "relu", "last"), 10))


def kernels(model: keras.Model, block: int) -> list[tuple[keras.Variable, list[slice]]]:
    """Those of a block's layers and of what follows, a transition or the classifier; where each source's maps lie."""
    names = [f"stage{block}_layer{layer}_growth_conv" for layer in range(1, DEPTH + 1)]
    found = [
        model.get_layer(name).kernel for name in (*names, f"transition{block}_conv" if block < BLOCKS else "logits")
    ]
    widths = [kernel.shape[-2] for kernel in found]  # of the block's input, then with a layer's maps more each time
    parts = [slice(*ends) for ends in pairwise((0, *widths))]
    return [(kernel, parts[: index + 1]) for index, kernel in enumerate(found)]


def shares(model: keras.Model) -> np.ndarray:
    """Mean absolute weights (block, source, target), the largest of a target being 1; NaN for what it does not see."""
    found = np.full((BLOCKS, DEPTH + 1, DEPTH + 1), np.nan)
    for block in range(BLOCKS):
        for target, (kernel, parts) in enumerate(kernels(model, block + 1)):
            means = [np.abs(kernel.numpy()[..., maps, :]).mean() for maps in parts]
            found[block, : target + 1, target] = np.divide(means, max(means))
    return found
