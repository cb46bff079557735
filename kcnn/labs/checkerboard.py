"""Upsampling writes some places with more taps than others where the stride does not divide the kernel: a checkerboard.

Odena, Dumoulin, Olah: Deconvolution and Checkerboard Artifacts, Distill, 2016. They are there before any training.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from kcnn.arithmetic.transposed import transposed_correlation
from kcnn.experiment.makers import drawn
from kcnn.labs.lab import Outcome
from kcnn.labs.training import seed_weights
from kcnn.models import build
from kcnn.plots.panels import Matrix, Picture, panels

SIDE, BASE, IMAGES, STRIDE = 64, 8, 64, 2
DRAWS = 128
"""Channels of the images: each is written by weights of its own, and what one draw of weights does is averaged out."""

LIMIT = 1.5
"""Below it the places of an image are alike; a kernel of 5 gives 9 taps to one of four places and 4 to another."""

FORMS: Mapping[str, Mapping[str, object]] = {
    "kernel_5": {"kernel": 5},
    "kernel_3": {"kernel": 3},
    "kernel_4": {"kernel": 4},
    "resized_kernel_5": {"kernel": 5, "upsampling": "resize"},
}
CURED = ("kernel_4", "resized_kernel_5")


def measure(cured: Sequence[str] = CURED) -> Outcome:
    """Let fresh generators draw, and compare the strongest of the four places of a square of 2x2 with the weakest."""
    made = {name: images(**options) for name, options in FORMS.items()}
    numbers = {name: unevenness(values) for name, values in made.items()}
    holds = all((value < LIMIT) == (name in cured) for name, value in numbers.items())
    taps = [
        Matrix(overlap(kernel), f"{kernel}x{kernel}: how many values reach a place", caption=f"stride {STRIDE}")
        for kernel in (5, 3, 4)
    ]
    strengths = [
        Picture(
            strength(values), name.replace("_", " "), "heat", caption=f"how strongly written: {numbers[name]:.2f} : 1"
        )
        for name, values in made.items()
    ]
    drawings = [Picture(_shown(values[0, :, :, 0]), "one image") for values in made.values()]
    return Outcome(holds, numbers, panels([taps, strengths, drawings], width=3.6, height=3.8))


def images(**options: object) -> np.ndarray:
    """What a generator with its first weights draws (N, H, W, DRAWS), its values about 0."""
    seed_weights(0)
    model = build("dcgan", (SIDE, SIDE, DRAWS), classes=10, base=BASE, **options)
    generator = model.get_layer("generator")
    codes = drawn(IMAGES, generator.input["code"].shape[-1], seed=0)
    return generator.predict({"code": codes, "label": np.arange(IMAGES) % 10}, verbose=0)


def unevenness(values: np.ndarray) -> float:
    """The mean square of the strongest place within the stride, over that of the weakest; borders left out."""
    inner = values[:, 8:-8, 8:-8].astype(float)
    power = [(inner[:, row::STRIDE, column::STRIDE] ** 2).mean() for row in range(STRIDE) for column in range(STRIDE)]
    return float(max(power) / min(power))


def strength(values: np.ndarray) -> np.ndarray:
    """The root of the mean square at each place, in the middle of the images."""
    return np.sqrt((values[:, 24:40, 24:40].astype(float) ** 2).mean((0, 3)))


def overlap(kernel: int, places: int = 5) -> np.ndarray:
    """How many input values a transposed convolution adds up at each place, in the middle of a map."""
    ones = transposed_correlation(np.ones((1, places, places, 1)), np.ones((kernel, kernel, 1, 1)), STRIDE)[0, :, :, 0]
    first = (len(ones) - 6) // 2
    return ones[first : first + 6, first : first + 6]


def _shown(values: np.ndarray) -> np.ndarray:
    """The middle of an image, in 0..1."""
    middle = values[16:48, 16:48]
    return 0.5 + 0.5 * np.clip(middle / (3 * middle.std()), -1, 1)
