"""A shift that it never saw loses a fully connected network; a convolutional one that pools carries on.

Convolution alone is not enough: All-CNN halves its maps by strides instead of pooling, and what a map holds after a
stride depends on where the image lies (Azulay and Weiss 2019): it is lost after a pixel or two, and most of it is back
after four, the product of its strides.
"""

from functools import partial

import numpy as np

from kcnn.explain.invariance import accuracy
from kcnn.explain.transforms import translate
from kcnn.labs.lab import Outcome
from kcnn.labs.training import CENTRED_SIDE, Learner, centred, digits, placed
from kcnn.plots.panels import Curves, Panel, Picture, panels

SHIFTS = (0, 1, 2, 3, 4)


def measure(dense: str = "mlp", pooling: str = "convpool_cnn_c", strided: str = "all_cnn_c") -> Outcome:
    """Train on centred digits; ask about digits shifted up, down, left and right."""
    learners = {name: centred(name) for name in (dense, pooling, strided)}
    curves = {name: [shifted_accuracy(learner, shift) for shift in SHIFTS] for name, learner in learners.items()}
    numbers = {
        "dense_unshifted": curves[dense][0],
        "dense_shifted_by_2": curves[dense][2],
        "pooling_unshifted": curves[pooling][0],
        "pooling_shifted_by_2": curves[pooling][2],
        "pooling_shifted_by_4": curves[pooling][4],
        "strided_shifted_by_2": curves[strided][2],
        "strided_shifted_by_4": curves[strided][4],
    }
    holds = (
        min(numbers["dense_unshifted"], numbers["pooling_unshifted"]) > 0.9
        and numbers["dense_shifted_by_2"] < 0.4
        and numbers["pooling_shifted_by_2"] > 0.75
        and numbers["strided_shifted_by_2"] < 0.5
    )
    known = digits()
    three = int(np.flatnonzero(known.test_labels == 3)[0])
    row: list[Panel] = [
        Picture(placed(known.test[three][None], CENTRED_SIDE, 0, shift)[0, :, :, 0] / 255, f"shifted by {shift}")
        for shift in (0, 2, 4)
    ]
    row.append(Curves(SHIFTS, curves, "trained on centred digits", "shift in pixels", "test accuracy", bottom=0))
    return Outcome(holds, numbers, panels([row], width=3.4))


def shifted_accuracy(learner: Learner, shift: int) -> float:
    """The share of every fourth test digit that is rightly named after a shift, over four directions."""
    known = digits()
    black = float(learner.seen(np.zeros((1, 1, 1, 1), np.uint8)).item())
    images, labels = learner.seen(placed(known.test[::4], CENTRED_SIDE)), known.test_labels[::4]
    moves = sorted({(shift, 0), (-shift, 0), (0, shift), (0, -shift)})
    return float(accuracy(learner.model, images, labels, partial(translate, fill=black), moves).mean())
