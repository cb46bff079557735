"""An inception module can go without any of its branches, or pass its input on: Szegedy et al. 2015, figure 2.

A branch with weights of zero leaves the others as they are; with the identity in the 1x1 convolution and zeros
elsewhere the module is no layer at all, as a block of a residual network can be. What training makes of this is seen in
a small network that has learned digits: each branch of its modules in turn is set to zero.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import keras
import numpy as np
from keras import layers

from kcnn.labs.lab import Outcome, distance
from kcnn.labs.training import Learner, digits, seed_weights, trained
from kcnn.layers import Inception
from kcnn.layers.block import BATCH, Norm, conv
from kcnn.models.parts import mean_classifier
from kcnn.plots.panels import Bars, Matrix, panels
from kcnn.seeds import generator

IMAGE, EPOCHS, FULL_EPOCHS = 16, 25, 100
MODULES, BRANCHES = ("module1", "module2"), ("1x1", "3x3", "5x5", "pool_proj")
MAPS = 8
"""Of each branch."""


def measure(full: bool = False, epochs: int | None = None, silent: Sequence[str] = BRANCHES[1:]) -> Outcome:
    """Silence branches of a module alone, then those of a network that has learned the digits."""
    module, x = alone()
    others = max(change_of_others(module, x, branch) for branch in BRANCHES)
    passed = passed_through(module, x, silent)
    known = digits(factor=2)
    learner = trained(network(), known.train, known.train_labels, epochs or (FULL_EPOCHS if full else EPOCHS))
    whole = learner.accuracy(known.test, known.test_labels)
    left = {
        f"{name} without {branch}": without(learner, f"{name}_{branch}", known.test, known.test_labels)
        for name in MODULES
        for branch in BRANCHES
    }
    numbers = {
        "change_of_the_other_branches": others,
        "change_of_an_input_passed_through": distance(passed, x[0]),
        "accuracy": whole,
        "accuracy_without_a_branch_median": float(np.median(list(left.values()))),
        "accuracy_without_a_branch_smallest": min(left.values()),
    }
    holds = (
        others == 0
        and numbers["change_of_an_input_passed_through"] < 1e-6
        and whole > 0.9
        and numbers["accuracy_without_a_branch_median"] > 0.5
    )
    row = [
        Matrix(x[0, :, :, 0], "a map of the input", ".2f"),
        Matrix(passed[:, :, 0], "the same map of the answer", ".2f", caption="1x1 the identity, other branches zero"),
        Bars({"all branches": whole, **left}, "test accuracy on digits", form=".1%"),
    ]
    return Outcome(holds, numbers, panels([row], width=4.4, height=4.0))


def alone() -> tuple[keras.Model, np.ndarray]:
    """A module with drawn weights, called as the network's first, and an input (1, 6, 6, MAPS) that is not negative."""
    seed_weights(0)
    image = keras.Input((6, 6, MAPS))
    return keras.Model(image, module(image, MODULES[0])), generator(0).uniform(size=(1, 6, 6, MAPS)).astype("float32")


def module(x: keras.KerasTensor, name: str, norm: Norm = None) -> keras.KerasTensor:
    """(N, H, W, C) to (N, H, W, 4 MAPS), a run of maps a branch."""
    return Inception(MAPS, MAPS, MAPS, MAPS, MAPS // 2, MAPS, norm=norm, name=name).inline(x)


def network() -> keras.Model:
    """A convolution and two modules, about 10,000 parameters."""
    seed_weights(0)
    image = keras.Input((IMAGE, IMAGE, 1))
    x = module(conv(image, 2 * MAPS, 3, norm=BATCH, name="stem"), MODULES[0], BATCH)
    x = module(layers.MaxPooling2D()(x), MODULES[1], BATCH)
    return keras.Model(image, mean_classifier(x, 10))


@contextmanager
def ending_in(model: keras.Model, branch: str, kernel: np.ndarray | None = None) -> Iterator[None]:
    """While this lasts a branch ends in `kernel` without a bias, or else in zeros: scale and shift if it normalises."""
    names = {layer.name for layer in model.layers}
    last = model.get_layer(f"{branch}_norm" if f"{branch}_norm" in names else f"{branch}_conv")
    first, second, *statistics = kept = last.get_weights()
    last.set_weights([np.zeros_like(first) if kernel is None else kernel, np.zeros_like(second), *statistics])
    yield
    last.set_weights(kept)


def change_of_others(model: keras.Model, x: np.ndarray, branch: str) -> float:
    """How far the maps of the other branches move when one becomes silent; infinite where that one is heard."""
    before = model(x).numpy()
    with ending_in(model, f"{MODULES[0]}_{branch}"):
        after = model(x).numpy()
    own = np.repeat([name == branch for name in BRANCHES], MAPS)
    return distance(after[..., ~own], before[..., ~own]) if not after[..., own].any() else float("inf")


def passed_through(model: keras.Model, x: np.ndarray, silent: Sequence[str]) -> np.ndarray:
    """The sum of all branches' maps, (H, W, MAPS), where the first is the identity and those of `silent` are zero."""
    with ExitStack() as stack:
        stack.enter_context(ending_in(model, f"{MODULES[0]}_1x1", np.eye(MAPS)[None, None]))
        for branch in silent:
            stack.enter_context(ending_in(model, f"{MODULES[0]}_{branch}"))
        answer = model(x).numpy()[0]
    return answer.reshape(*answer.shape[:2], len(BRANCHES), MAPS).sum(2)


def without(learner: Learner, branch: str, images: np.ndarray, labels: np.ndarray) -> float:
    """The share that is rightly named where a branch is silent."""
    with ending_in(learner.model, branch):
        return learner.accuracy(images, labels)
