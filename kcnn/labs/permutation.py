"""A fully connected network learns permuted pixels as well as the image; a convolutional one does not.

Every pixel is alike to the first; the second expects that neighbours belong together. Digits are placed up to four
pixels off the middle, which makes neighbourhoods worth knowing; one and the same permutation permutes all images.
"""

from collections.abc import Sequence

import numpy as np

from kcnn.labs.lab import Outcome
from kcnn.labs.training import digits, enlarged, first_weights, placed, trained
from kcnn.plots.panels import Bars, Picture, panels
from kcnn.seeds import generator

SIDE, OFF, EPOCHS, SEEDS = 32, 4, 15, (0, 1)


def measure(dense: str = "mlp", convolutional: str = "lenet5", seeds: Sequence[int] = SEEDS) -> Outcome:
    """Train both networks on digits and on shuffled digits, a time a seed; compare what they name rightly."""
    known = digits()
    train, test = (
        placed(enlarged(images), SIDE, *generator(0, part).integers(-OFF, OFF + 1, (2, len(images))))
        for part, images in enumerate((known.train, known.test))
    )
    order = generator(0, 2).permutation(SIDE * SIDE)

    def accuracy(name: str, permuted: bool) -> float:
        learn, ask = (shuffled(images, order) if permuted else images for images in (train, test))
        learners = (trained(first_weights(name, SIDE, seed), learn, known.train_labels, EPOCHS, seed) for seed in seeds)
        return float(np.mean([learner.accuracy(ask, known.test_labels) for learner in learners]))

    numbers = {
        "dense": accuracy(dense, False),
        "dense_permuted": accuracy(dense, True),
        "convolutional": accuracy(convolutional, False),
        "convolutional_permuted": accuracy(convolutional, True),
    }
    holds = (
        abs(numbers["dense"] - numbers["dense_permuted"]) < 0.05
        and numbers["convolutional"] > numbers["dense"] + 0.03
        and numbers["convolutional_permuted"] < numbers["convolutional"] - 0.10
    )
    bars = {
        f"{dense}, digits": numbers["dense"],
        f"{dense}, permuted": numbers["dense_permuted"],
        f"{convolutional}, digits": numbers["convolutional"],
        f"{convolutional}, permuted": numbers["convolutional_permuted"],
    }
    three = int(np.flatnonzero(known.test_labels == 3)[0])
    row = [
        Picture(test[three, :, :, 0] / 255, "a digit"),
        Picture(shuffled(test[three][None], order)[0, :, :, 0] / 255, "the same pixels, permuted"),
        Bars(bars, "test accuracy", form=".1%"),
    ]
    return Outcome(holds, numbers, panels([row], width=3.8))


def shuffled(images: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Every image's pixels in another order, the same for all."""
    return images.reshape(len(images), -1)[:, order].reshape(images.shape)
