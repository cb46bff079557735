"""Three 3x3 convolutions see as much as one of 7x7, with 27 C^2 weights for its 49 C^2, and two more non-linearities.

Without the non-linearities they are one convolution of 7x7, whose kernel is the convolution of the three.
Source: Simonyan and Zisserman 2015, section 2.3.
"""

from collections.abc import Sequence

import numpy as np

from kcnn.arithmetic.complexity import convolution_parameters
from kcnn.arithmetic.composition import effective_kernel
from kcnn.arithmetic.correlation import correlate
from kcnn.arithmetic.receptive_field import stack_field
from kcnn.labs.lab import Outcome, distance
from kcnn.plots.panels import Bars, Picture, panels
from kcnn.seeds import generator

CHANNELS = 256
SIDE = 15


def measure(kernels: Sequence[int] = (3, 3, 3), whole: int = 7) -> Outcome:
    """See which pixels one place depends on, and hold the stack against the one kernel that it is without ReLU."""
    rng = generator(0)
    weights = [rng.normal(size=(kernel, kernel)) for kernel in kernels]
    image = rng.normal(size=(SIDE, SIDE))
    linear, rectified = image, image
    for kernel in weights:
        linear = correlate(linear, kernel)
        rectified = np.maximum(correlate(rectified, kernel), 0)
    one = correlate(image, effective_kernel(weights))
    seen = [dependence(weights[:depth]) for depth in range(1, len(weights) + 1)]
    stacked = sum(convolution_parameters((kernel, kernel), CHANNELS, CHANNELS, bias=False) for kernel in kernels)
    single = convolution_parameters((whole, whole), CHANNELS, CHANNELS, bias=False)
    numbers = {
        "receptive_field_of_the_stack": stack_field([(kernel, 1) for kernel in kernels]).size or 0,
        "pixels_that_matter_along_an_axis": int(seen[-1].any(axis=0).sum()),
        "weights_of_the_stack": stacked,
        "weights_of_the_one": single,
        "share_of_weights": stacked / single,
        "linear_stack_to_one_kernel": distance(linear, one),
        "rectified_stack_to_one_kernel": distance(rectified, one),
    }
    holds = (
        numbers["receptive_field_of_the_stack"] == numbers["pixels_that_matter_along_an_axis"] == whole
        and numbers["share_of_weights"] < 0.6
        and numbers["linear_stack_to_one_kernel"] < 1e-9
        and numbers["rectified_stack_to_one_kernel"] > 0.1
    )
    fields = [
        Picture(field.astype(float), f"seen through {names(kernels[:depth])}: {field.any(axis=0).sum()} pixels")
        for depth, field in enumerate(seen, 1)
    ]
    bars = {names(kernels): stacked, names([whole]): single}
    row = [*fields, Bars(bars, f"weights at {CHANNELS} channels")]
    return Outcome(holds, numbers, panels([row]))


def names(kernels: Sequence[int]) -> str:
    """3x3 + 3x3."""
    return " + ".join(f"{kernel}x{kernel}" for kernel in kernels)


def dependence(weights: Sequence[np.ndarray]) -> np.ndarray:
    """Which pixels (SIDE, SIDE) the middle place of a stack of "same" correlations depends on, by changing each."""

    def middle(image: np.ndarray) -> float:
        for kernel in weights:
            image = correlate(image, kernel, "same")
        return float(image[SIDE // 2, SIDE // 2])

    moved = np.zeros((SIDE, SIDE), bool)
    for place in np.ndindex(SIDE, SIDE):
        image = np.zeros((SIDE, SIDE))
        image[place] = 1
        moved[place] = abs(middle(image)) > 1e-12
    return moved
