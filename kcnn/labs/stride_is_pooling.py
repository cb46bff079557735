"""A convolution with stride 2 takes the place of max pooling: Springenberg, Dosovitskiy, Brox, Riedmiller 2015.

ConvPool-CNN-C and All-CNN-C have the same layers and weights; the first halves its maps by pooling after a convolution,
the second by that convolution's stride. For the mean it is exact: mean pooling is a convolution with equal weights
and a stride.

The digits lie in the middle of the image. What becomes of the two networks once they do not, is the lab `translation`.
"""

import numpy as np

from kcnn.arithmetic.correlation import correlation
from kcnn.arithmetic.pooling import average_pool
from kcnn.labs.lab import Outcome, distance
from kcnn.labs.photographs import grey_photograph
from kcnn.labs.training import CENTRED_SIDE, centred, digits, placed
from kcnn.plots.panels import Bars, Picture, panels


def measure(pooling: str = "convpool_cnn_c", strided: str = "all_cnn_c", strided_epochs: int | None = None) -> Outcome:
    """Pool a photograph's means both ways, then train both networks on digits."""
    image = grey_photograph("flower")[None, 100:228, 200:328, None]
    pooled = average_pool(image, 2)
    convolved = correlation(image, np.full((2, 2, 1, 1), 0.25), stride=2)
    known = digits()
    test = placed(known.test, CENTRED_SIDE)
    learners = {pooling: centred(pooling), strided: centred(strided, strided_epochs)}
    accuracies = {name: learner.accuracy(test, known.test_labels) for name, learner in learners.items()}
    numbers = {
        "mean_pooling_to_strided_convolution": distance(pooled, convolved),
        "accuracy_pooling": accuracies[pooling],
        "accuracy_strided": accuracies[strided],
        "parameters_pooling": learners[pooling].model.count_params(),
        "parameters_strided": learners[strided].model.count_params(),
    }
    holds = (
        numbers["mean_pooling_to_strided_convolution"] < 1e-12
        and numbers["parameters_pooling"] == numbers["parameters_strided"]
        and numbers["accuracy_pooling"] > 0.93
        and numbers["accuracy_strided"] > numbers["accuracy_pooling"] - 0.02
    )
    row = [
        Picture(pooled[0, :, :, 0], "mean of 2x2"),
        Picture(convolved[0, :, :, 0], "convolution with 1/4 everywhere, stride 2"),
        Bars(accuracies, "test accuracy on digits", form=".1%"),
    ]
    return Outcome(holds, numbers, panels([row], width=3.8))
