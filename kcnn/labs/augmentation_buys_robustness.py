"""Whoever has learned from turned digits names turned digits: each transformation is withstood once it was trained on.

A network that never saw it, and one that did, are both asked about digits that were transformed, and that one about
digits as they are: Simard, Steinkraus, Platt 2003; Krizhevsky, Sutskever, Hinton 2012, section 4.1; DeVries and
Taylor 2017.
"""

from collections.abc import Mapping

import numpy as np

from kcnn.augment.albumentations import augmenter
from kcnn.labs.lab import Outcome
from kcnn.labs.training import Learner, digits, first_weights, placed, trained
from kcnn.plots.panels import Bars, Picture, panels
from kcnn.recipes.augment import Affine, ColorJitter, Elastic, Erase, Flip, Transform

SIDE, EPOCHS, FULL_EPOCHS = 32, 15, 60
"""Digits of 16x16 pixels in the middle leave room to be moved."""

TRANSFORMS: Mapping[str, Transform] = {
    "shifted": Affine(shift=0.2),
    "turned": Affine(rotate=45),
    "scaled": Affine(scale=0.4),
    "sheared": Affine(shear=30),
    "mirrored": Flip(probability=0.5),
    "lit otherwise": ColorJitter(brightness=0.8, contrast=0.8),
    "partly hidden": Erase(side=0.35),
    "bent": Elastic(sigma=1.5),
}

COSTS, WON_BACK = 0.02, 0.5
"""A transformation that costs less, seven test images, leaves nothing to win, and most cost more; the share won."""


def measure(full: bool = False, transforms: Mapping[str, Transform] = TRANSFORMS, learned: bool = True) -> Outcome:
    """Train a network without and one with each transformation; ask all about transformed digits and about plain ones.

    Where not `learned`, the networks that should have seen a transformation have not.
    """
    known = digits(factor=2)
    train, test = (placed(images, SIDE) for images in (known.train, known.test))

    def learner(*seen: Transform) -> Learner:
        model = first_weights("lenet5", SIDE, seed=0)
        return trained(model, train, known.train_labels, FULL_EPOCHS if full else EPOCHS, augment=seen)

    without = learner()
    plain = without.accuracy(test, known.test_labels)
    numbers, costly, holds, row = {"plain": plain}, 0, True, []
    for name, transform in transforms.items():
        asked = changed(test, transform if name != "mirrored" else Flip(probability=1.0))
        taught = learner(transform) if learned else without
        found = {
            "never seen": without.accuracy(asked, known.test_labels),
            "learned from": taught.accuracy(asked, known.test_labels),
            "learned from; asked plain": taught.accuracy(test, known.test_labels),
        }
        numbers |= {f"{name}_never_seen": found["never seen"], f"{name}_learned": found["learned from"]}
        numbers[f"plain_where_{name}_learned"] = found["learned from; asked plain"]
        cost = plain - found["never seen"]
        costly += cost > COSTS
        holds &= cost < COSTS or found["learned from"] - found["never seen"] > WON_BACK * cost
        row += [
            Picture(montage(asked), name),
            Bars(found, "test accuracy", form=".1%", caption=f"untaught, asked plain: {plain:.1%}"),
        ]
    rows = [row[first : first + 4] for first in range(0, len(row), 4)]
    holds &= costly > len(transforms) / 2
    return Outcome(holds, {key.replace(" ", "_"): value for key, value in numbers.items()}, panels(rows, width=3.6))


def changed(images: np.ndarray, transform: Transform) -> np.ndarray:
    """Images (N, H, W, C), each transformed in its own way."""
    augment = augmenter([transform], images.shape[1:])
    return np.asarray(augment(images, seed=0)) if augment else images


def montage(images: np.ndarray) -> np.ndarray:
    """The first four in a square, in 0..1."""
    return np.block([[images[0, :, :, 0], images[1, :, :, 0]], [images[2, :, :, 0], images[3, :, :, 0]]]) / 255
