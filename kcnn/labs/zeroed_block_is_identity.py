"""A residual block whose last weights are zero is the identity: He et al. 2015; Veit, Wilber, Belongie 2016, figure 3.

Of two trained networks, with shortcuts and without, each block in turn is switched off: the scale and shift of its last
normalisation become zero. What is left of a residual block passes its input on; of a plain one it passes on nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import numpy as np

from kcnn.labs.lab import Outcome, distance
from kcnn.labs.training import Learner, digits, first_weights, trained
from kcnn.plots.panels import Bars, panels

IMAGE, EPOCHS, FULL_EPOCHS = 16, 6, 30
CHANCE = 0.1


def measure(
    full: bool = False, plain: str = "plain20_cifar", residual: str = "resnet20_cifar", epochs: int | None = None
) -> Outcome:
    """Train both networks on digits, switch off one block after another, and ask again."""
    epochs = epochs or (FULL_EPOCHS if full else EPOCHS)
    known = digits(factor=2)
    accuracies: dict[str, dict[str, float]] = {}
    numbers: dict[str, float] = {}
    for kind, name in (("plain", plain), ("residual", residual)):
        learner = trained(first_weights(name, IMAGE, seed=0), known.train, known.train_labels, epochs)
        numbers[f"accuracy_{kind}"] = learner.accuracy(known.test, known.test_labels)
        accuracies[kind] = {
            block: without(learner, block, known.test, known.test_labels) for block in blocks(learner.model)
        }
        numbers[f"accuracy_{kind}_without_a_block"] = float(np.median(list(accuracies[kind].values())))
        numbers[f"change_by_a_{kind}_block_switched_off"] = changed(learner, blocks(learner.model), known.test)
    holds = (
        numbers["change_by_a_residual_block_switched_off"] < 1e-5
        and numbers["accuracy_residual"] > 0.9
        and numbers["accuracy_residual_without_a_block"] > numbers["accuracy_plain_without_a_block"] + 0.2
        and numbers["accuracy_plain_without_a_block"] < CHANCE + 0.1
    )
    row = [
        Bars(
            {"all blocks": numbers[f"accuracy_{kind}"], **{f"without {block}": found for block, found in each.items()}},
            f"{kind}: test accuracy on digits",
            form=".1%",
        )
        for kind, each in accuracies.items()
    ]
    return Outcome(holds, numbers, panels([row], width=5.2, height=4.2))


def blocks(model: keras.Model) -> list[str]:
    """The names of the network's blocks, in order."""
    return [layer.name.removesuffix("_b_norm") for layer in model.layers if layer.name.endswith("_b_norm")]


@contextmanager
def switched_off(model: keras.Model, block: str) -> Iterator[None]:
    """While this lasts the block's last normalisation scales and shifts by zero."""
    norm = model.get_layer(f"{block}_b_norm")
    weights = norm.get_weights()  # scale, shift, and the statistics
    norm.set_weights([np.zeros_like(weights[0]), np.zeros_like(weights[1]), *weights[2:]])
    yield
    norm.set_weights(weights)


def without(learner: Learner, block: str, images: np.ndarray, labels: np.ndarray) -> float:
    """The share that is rightly named where the block is switched off."""
    with switched_off(learner.model, block):
        return learner.accuracy(images, labels)


def changed(learner: Learner, blocks: Sequence[str], images: np.ndarray) -> float:
    """How far what the second block answers lies from what the first gave, where the second is switched off."""
    ends = keras.Model(learner.model.input, [learner.model.get_layer(f"{name}_relu").output for name in blocks[:2]])
    with switched_off(learner.model, blocks[1]):
        given, answered = (keras.ops.convert_to_numpy(end) for end in ends(learner.seen(images), training=False))
    return distance(answered, given)
