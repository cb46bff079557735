"""Dense blocks use features again, so that fewer parameters do as well: Huang et al. 2017, figures 4 and 5.

A DenseNet of 22 layers (k = 8, no bottlenecks, as in figure 5) learns digits beside ResNet-20. Its weights are drawn by
the layer that made the maps and the layer that sees them. They begin even, and the paper's 300 epochs of weight decay,
in which idle ones vanish, are not run here: so the network is asked, too, what early maps are worth to it, with zeros
for all weights onto maps from three layers before, or more.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import keras
import numpy as np

from kcnn.labs.lab import Outcome
from kcnn.labs.training import Learner, digits, first_weights, seed_weights, trained
from kcnn.layers import DenseBlock, Transition
from kcnn.layers.block import BATCH, act, conv, normalised
from kcnn.models.parts import mean_classifier
from kcnn.models.summary import summarise
from kcnn.plots.panels import Bars, Picture, panels
from kcnn.recipes.optimize import Sgd

IMAGE, EPOCHS, FULL_EPOCHS = 16, 5, 20
SEEDS, FULL_SEEDS = (0, 1), (0, 1, 2)
STEM, BLOCKS, DEPTH = 16, 3, 6
AXES = "a row a source, a column a layer that sees it"
SGD = Sgd(lr=0.1, nesterov=True, weight_decay=1e-4)  # as in the paper


def measure(
    full: bool = False,
    growth: int = 8,
    early: int = 3,
    epochs: int | None = None,
    seeds: Sequence[int] | None = None,
) -> Outcome:
    """Let both networks learn the digits, over seeds; maps are early from `early` layers before on."""
    epochs = epochs or (FULL_EPOCHS if full else EPOCHS)
    seeds = seeds or (FULL_SEEDS if full else SEEDS)
    dense = [learned(partial(network, growth), epochs, seed) for seed in seeds]
    residual = [learned(partial(first_weights, "resnet20_cifar", IMAGE), epochs, seed) for seed in seeds]
    accuracies = {"dense": accuracy(dense), "residual": accuracy(residual)}
    costs = {"dense": summarise(dense[0].model), "residual": summarise(residual[0].model)}
    parameters = {kind: cost.trainable_parameters for kind, cost in costs.items()}
    maps = np.mean([shares(one.model) for one in dense], axis=0)
    for learner in dense:
        forget(learner.model, early)
    left = accuracy(dense)
    numbers = {
        **{f"parameters_{kind}": count for kind, count in parameters.items()},
        **{f"accuracy_{kind}": float(found.mean()) for kind, found in accuracies.items()},
        **{f"accuracy_{kind}_deviation": float(found.std()) for kind, found in accuracies.items()},
        "smallest_mean_share_of_the_largest_weight": float(np.nanmean(maps, axis=2).min()),
        "smallest_mean_share_before_training": float(np.nanmean(shares(network(growth, 0)), axis=2).min()),
        "accuracy_dense_without_weights_on_early_maps": float(left.mean()),
    }
    holds = (
        parameters["dense"] < 0.6 * parameters["residual"]
        and numbers["accuracy_dense"] > max(0.9, numbers["accuracy_residual"] - 0.01)
        and numbers["smallest_mean_share_of_the_largest_weight"] > 0.25
        and numbers["accuracy_dense_without_weights_on_early_maps"] < numbers["accuracy_dense"] - 0.1
    )
    names = {"DenseNet-22": "dense", "ResNet-20": "residual"}
    known = {name: numbers[f"accuracy_{kind}"] for name, kind in names.items()} | {"without early maps": left.mean()}
    above = [
        Bars({name: parameters[kind] for name, kind in names.items()}, "parameters"),
        Bars({name: costs[kind].multiply_adds for name, kind in names.items()}, "multiply-adds for an image"),
        Bars(known, "test accuracy on digits", form=".1%", caption=f"mean of {len(seeds)} seeds"),
    ]
    below = [
        Picture(each, f"weights in block {block}", "heat", caption=AXES, scale="mean absolute weight, 1 the largest")
        for block, each in enumerate(maps, 1)
    ]
    return Outcome(holds, numbers, panels([above, below], width=4.2, height=3.4))


def learned(make: Callable[..., keras.Model], epochs: int, seed: int) -> Learner:
    """The network after its training."""
    known = digits(factor=2)
    return trained(make(seed=seed), known.train, known.train_labels, epochs, seed, SGD)


def accuracy(learners: Sequence[Learner]) -> np.ndarray:
    """Of each the share of test digits that it names rightly."""
    known = digits(factor=2)
    return np.array([learner.accuracy(known.test, known.test_labels) for learner in learners])


def network(growth: int, seed: int) -> keras.Model:
    """The paper's network for CIFAR with blocks of six layers; its transitions keep all maps."""
    seed_weights(seed)
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


def forget(model: keras.Model, early: int) -> None:
    """Let every layer's weights onto maps from so many layers before, or more, be zero."""
    for block in range(1, BLOCKS + 1):
        for target, (kernel, parts) in enumerate(kernels(model, block), 1):
            values = kernel.numpy()
            for source, maps in enumerate(parts):
                values[..., maps, :] *= target - source < early
            kernel.assign(values)
