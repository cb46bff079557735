"""A shift that it never saw loses a fully connected network; a convolutional one that pools carries on.

Convolution alone is not enough: All-CNN halves its maps by strides instead of pooling, and what a map holds after a
stride depends on where the image lies (Azulay and Weiss 2019): it is lost after a pixel, and itself again after four,
the product of its strides.
"""

from functools import partial

import numpy as np

from kcnn.explain.invariance import accuracy
from kcnn.explain.transforms import translate
from kcnn.labs.lab import Outcome
from kcnn.labs.training import CENTRED_SIDE, Learner, centred, digits, placed
from kcnn.plots.panels import Curves, Picture, panels

SHIFTS = (0, 1, 2, 3, 4)


def measure(dense: str = "mlp", pooling: str = "convpool_cnn_c", strided: str = "all_cnn_c") -> Outcome:
    """Train on centred digits; ask about digits shifted up, down, left and right."""
    learners = {dense: centred(dense, 15), pooling: centred(pooling, 5, 1e-3), strided: centred(strided, 5, 1e-3)}
    curves = {name: [shifted_accuracy(learner, shift) for shift in SHIFTS] for name, learner in learners.items()}
    numbers = {
        "dense_unshifted": curves[dense][0],
        "dense_shifted_by_2": curves[dense][2],
        "pooling_unshifted": curves[pooling][0],
        "pooling_shifted_by_2": curves[pooling][2],
        "pooling_shifted_by_4": curves[pooling][4],
        "strided_shifted_by_2": curves[strided][2],
    }
    holds = (
        min(numbers["dense_unshifted"], numbers["pooling_unshifted"]) > 0.9
        and numbers["dense_shifted_by_2"] < 0.4
        and numbers["pooling_shifted_by_2"] > 0.75
    )
    images = [placed(digits().test[3:4], CENTRED_SIDE, 0, shift)[0, :, :, 0] / 255 for shift in (0, 2, 4)]
    row = [
        *(Picture(image, f"shifted by {shift}") for image, shift in zip(images, (0, 2, 4), strict=True)),
        Curves(SHIFTS, curves, "trained on centred digits", "shift in pixels", "test accuracy", bottom=0),
    ]
    return Outcome(holds, numbers, panels([row], width=3.4))


def shifted_accuracy(learner: Learner, shift: int) -> float:
    """The share of shifted test digits that is rightly named, over four directions."""
    known = digits()
    black = float(learner.seen(np.zeros((1, 1, 1, 1), np.uint8)).item())
    images = learner.seen(placed(known.test, CENTRED_SIDE))
    moves = ((shift, 0), (-shift, 0), (0, shift), (0, -shift))
    return float(accuracy(learner.model, images, known.test_labels, partial(translate, fill=black), moves).mean())
