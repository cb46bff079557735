"""Convolution is multiplication of the Fourier transforms: circular as it stands, linear once zeros are appended."""

import time
from collections.abc import Callable

import numpy as np

from kcnn.arithmetic.correlation import convolve
from kcnn.arithmetic.fourier import circular_convolution, linear_convolution, overlap_add
from kcnn.labs.lab import Outcome, distance
from kcnn.labs.photographs import grey_photograph
from kcnn.plots.panels import Curves, Picture, panels

SIDE, BOX = 128, 31
TIMED = (3, 7, 15, 31, 63)


def measure(linear: Callable[[np.ndarray, np.ndarray], np.ndarray] = linear_convolution) -> Outcome:
    """Convolve a photograph with a large box each way; the times are a picture of this machine, and no verdict."""
    image = grey_photograph("flower")[100 : 100 + SIDE, 240 : 240 + SIDE]
    box = np.full((BOX, BOX), 1 / BOX**2)
    direct = convolve(image, box)
    circular = circular_convolution(image, box)
    wrapped = convolve(np.pad(image, [(BOX - 1, 0)] * 2, mode="wrap"), box, "valid")
    full = linear(image, box)
    # The circular one is right where the box had not to wrap.
    inner = slice(BOX - 1, SIDE)
    numbers = {
        "linear_to_direct": distance(full, direct),
        "overlap_add_to_direct": distance(overlap_add(image, box, 32), direct),
        "circular_to_direct_that_wraps": distance(circular, wrapped),
        "circular_to_direct_inside": distance(circular[inner, inner], direct[inner, inner]),
        "circular_to_direct_at_the_border": distance(circular, direct[:SIDE, :SIDE]),
    }
    holds = numbers["circular_to_direct_at_the_border"] > 0.01 and all(
        value < 1e-9 for name, value in numbers.items() if name != "circular_to_direct_at_the_border"
    )
    directly, by_transform = zip(*(seconds(image, size) for size in TIMED), strict=True)
    row = [
        Picture(image, "photograph"),
        Picture(circular, f"circular with a box of {BOX}x{BOX}: the edges meet"),
        Picture(full, f"linear, {len(full)}x{len(full)}: zeros come in instead"),
        Curves(
            TIMED,
            {"tap by tap": 1e3 * np.array(directly), "by transform": 1e3 * np.array(by_transform)},
            "time in NumPy on this machine",
            "kernel",
            "milliseconds",
            log="xy",
        ),
    ]
    return Outcome(holds, numbers, panels([row], width=3.6))


def seconds(image: np.ndarray, size: int) -> tuple[float, float]:
    """The shortest of three times of a convolution, directly and by transforms."""
    kernel = np.ones((size, size))
    best = []
    for way in (convolve, linear_convolution):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            way(image, kernel)
            times.append(time.perf_counter() - start)
        best.append(min(times))
    return best[0], best[1]
