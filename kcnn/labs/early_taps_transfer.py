"""Early layers answer what any image has, late ones what the task needs: Yosinski et al. 2014, figures 2 and 3.

A network has learned the digits 0 to 4. Logistic regression on what each of its taps answers, the mean of every map
over its places, tells how much of three tasks is known there: of the network's own, of a similar one (the digits 5 to
9), and of a different one (which way edges of photographs run). Every tap has 32 maps: depth alone differs.

The claim is that late taps suit the similar task and earlier ones the different task. At this scale half of it holds:
the different task is known best at the stem, but the similar one in the middle. The paper's network knew 500 classes
of 645,000 photographs; what tells five digits apart is learned from 720 images, and the last stages answer little else.
"""

from collections.abc import Sequence

import numpy as np

from kcnn.labs.lab import Outcome
from kcnn.labs.targets import Task, features, network, orientations, source, task
from kcnn.labs.training import Learner
from kcnn.plots.layers import by_layer
from kcnn.transfer.probe import fit
from kcnn.transfer.stages import taps

EPOCHS, FULL_EPOCHS = 10, 40
SEEDS, FULL_SEEDS = 2, 5
MARGIN = 0.02
"""What is no difference: some of the 179 digits, or 500 patches, to test on."""


def measure(full: bool = False, similar: int = 5) -> Outcome:
    """Probe every tap for the three tasks, once a seed of the network; the similar digits begin with `similar`."""
    places = taps(network())
    epochs, seeds = (FULL_EPOCHS, FULL_SEEDS) if full else (EPOCHS, SEEDS)
    asked = {"own": task(0), "similar": task(similar), "different": orientations()}
    learners = [source(epochs, seed) for seed in range(seeds)]
    # (seeds, taps) of each task.
    reached = {name: np.array([probed(learner, one, places) for learner in learners]) for name, one in asked.items()}
    means = {name: shares.mean(0) for name, shares in reached.items()}
    numbers = {
        f"accuracy_{name}_{tap}": float(share) for name in means for tap, share in zip(places, means[name], strict=True)
    }
    numbers |= {f"deviation_{name}_largest": float(shares.std(0, ddof=1).max()) for name, shares in reached.items()}
    numbers |= {f"best_stage_{name}": int(shares.argmax()) for name, shares in means.items()}
    alike, unlike = means["similar"], means["different"]
    holds = (
        alike[-1] > alike.max() - MARGIN
        and alike[-1] > alike[0] + MARGIN
        and unlike.argmax() < alike.argmax()
        and unlike.max() > unlike[-1] + MARGIN
    )
    lines = {
        "the task that was learned: digits 0 to 4": means["own"],
        "a similar one: digits 5 to 9": means["similar"],
        "a different one: edges of photographs": means["different"],
    }
    return Outcome(holds, numbers, by_layer("What each tap knows of a task", places, lines, "test accuracy of a probe"))


def probed(learner: Learner, asked: Task, places: Sequence[str]) -> list[float]:
    """By tap, what logistic regression on its answers reaches on test."""
    train, test = (features(learner, images, list(places)) for images in (asked.train, asked.test))
    return [fit("logistic", train[place], asked.train_labels).score(test[place], asked.test_labels) for place in places]
