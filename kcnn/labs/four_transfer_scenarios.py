"""Which plan of transfer suits depends on how many images there are and how alike: the lecture's four cases.

A network has learned the digits 0 to 4. The digits 5 to 9 are similar, the edges of photographs are different; of each
class there are ten images to learn from, or about 144, as of the digits that were learned. In each of these four cases
all four plans of kcnn.transfer.scenario are tried, and training from scratch for as many epochs: what they fix, thaw
and slow down, but all with one optimizer, and without augmentation. `kcnn transfer` would call all four cases small.
The plan for a case has to be level with the best, and transfer to gain most where images are few and similar.

At this scale the claim does not hold. Weights that are worth keeping know more than five digits: Yosinski et al. 2014,
figure 2, learned 500 classes of 645,000 photographs first, and small digits are learned from scratch by ten of each.
ImageNet's weights suit photographs better: of 50 a class plan 1 makes most (docs/results.md, "when each plan wins").
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import keras
import numpy as np

from kcnn.labs.lab import Outcome
from kcnn.labs.targets import CLASSES, Task, copied, features, network, orientations, source, task
from kcnn.labs.training import Learner, seed_weights, trained
from kcnn.plots.panels import Bars, panels
from kcnn.recipes.transfer import Transfer
from kcnn.training.pace import Pace
from kcnn.transfer.cut import cut
from kcnn.transfer.probe import Probe, dense, fit
from kcnn.transfer.scenario import PLANS
from kcnn.transfer.stages import learns, rates, tap_before, taps, thawing

SOURCE_EPOCHS, FEW = 10, 10
LENGTH = {"small": (15, 10), "large": (6, 32)}
"""Epochs, and the images of a batch."""

SEEDS, FULL_SEEDS = 1, 3
MARGIN = 0.03
"""What is no difference: five of the 179 digits to test on."""

BY_FAR = 0.1

SCRATCH = "from scratch"
WAYS = {1: "1 fixed layers", 2: "2 all, from the top down", 3: "3 from earlier layers", 4: "4 all at once", 0: SCRATCH}


def measure(full: bool = False, reached: Callable[[int, int, int], float] | None = None) -> Outcome:
    """Try every plan in every case; `reached` tells the accuracy of (case, plan, seed) instead of `accuracy`."""
    seeds, reached = range(FULL_SEEDS if full else SEEDS), reached or accuracy
    # (cases, ways, seeds)
    found = np.array([[[reached(case, way, seed) for seed in seeds] for way in WAYS] for case in PLANS])
    mean = {
        case: dict(zip(WAYS, (float(share) for share in shares), strict=True))
        for case, shares in zip(PLANS, found.mean(-1), strict=True)
    }
    gain = {case: shares[case] - shares[0] for case, shares in mean.items()}
    below = {case: max(shares.values()) - shares[case] for case, shares in mean.items()}
    numbers = {
        f"accuracy_case_{case}_{f'plan_{way}' if way else 'from_scratch'}": share
        for case, shares in mean.items()
        for way, share in shares.items()
    }
    numbers |= {f"case_{case}_its_plan_below_the_best": short for case, short in below.items()}
    if full:
        numbers["largest_deviation"] = float(found.std(-1, ddof=1).max())
    holds = max(below.values()) < MARGIN and gain[1] > BY_FAR and gain[1] > max(gain[2], gain[3])
    drawn = [
        Bars(
            {WAYS[way]: share for way, share in shares.items()},
            f"{case}: {PLANS[case].data}",
            "test accuracy",
            ".1%",
            f"{'digits 5 to 9' if case < 3 else 'edges of photographs'}; the plan for it is {case}",
        )
        for case, shares in mean.items()
    ]
    return Outcome(holds, numbers, panels([drawn[:2], drawn[2:]], width=4.6, height=3.2))


def accuracy(case: int, way: int, seed: int) -> float:
    """What a plan, or 0 for training from scratch, reaches on test in a case."""
    asked = met(case, seed)
    if way:
        return transferred(case, way, seed).accuracy(asked.test, asked.test_labels)
    seed_weights(seed)
    return learned(network(), case, seed).accuracy(asked.test, asked.test_labels)


def transferred(case: int, scenario: int, seed: int) -> Learner:
    """The network once it has followed the plan: cut, given a fitted head, and trained where the plan leaves a rest."""
    plan, known = PLANS[scenario], source(SOURCE_EPOCHS, seed)
    whole = copied(known)
    tried = {place: probed(case, place, seed).accuracy for place in taps(whole)}
    place = max(tried, key=lambda place: tried[place]) if scenario == 3 else list(tried)[-1]
    below = {"everything": place, "below": tap_before(whole, place), "nothing": None}[plan.keeps]
    own = {key.removeprefix("transfer."): value for key, value in plan.changes.items() if key.startswith("transfer.")}
    terms = Transfer(weights="digits", classes=CLASSES, scenario=scenario, cut=place, frozen=below, **own)
    model = cut(whole, place, CLASSES)
    model.get_layer("logits").set_weights(list(dense(probed(case, place, seed))))
    if not learns(model, terms):
        return Learner(model, known.preprocessing, [])
    pace = Pace(thawing(model, terms), rates(model, terms))
    return learned(model, case, seed, preprocessing=known.preprocessing, pace=pace)


@cache
def probed(case: int, place: str, seed: int) -> Probe:
    """Logistic regression on what a tap of the network answers to the training images of a case."""
    asked = met(case, seed)
    answers = features(source(SOURCE_EPOCHS, seed), asked.train, [place])[place]
    return fit("logistic", answers, asked.train_labels, seed)


def learned(model: keras.Model, case: int, seed: int, **how: Any) -> Learner:
    """The network trained for as long as a case allows; `how` goes to `trained`."""
    asked, (epochs, batch) = met(case, seed), LENGTH[size(case)]
    return trained(model, asked.train, asked.train_labels, epochs, seed, batch=batch, **how)


@cache
def met(case: int, seed: int) -> Task:
    """What is to be learned in a case."""
    whole = task(5) if case < 3 else orientations()
    return whole.few(FEW, seed) if size(case) == "small" else whole


def size(case: int) -> str:
    """Small or large: how many images there are to learn from."""
    return PLANS[case].data.split()[0]
