"""Template matching finds a pattern where it was cut out, and loses it once the picture is turned or scaled.

Normalised correlation forgives brightness and contrast, and nothing else: every angle and every scale has to be
searched for. So patterns came to be described by features that turn and scale with the picture, and then learned.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from kcnn.filters.images import rotation
from kcnn.filters.pictures import grey
from kcnn.filters.template import normalised_correlation, search
from kcnn.labs.lab import Outcome
from kcnn.labs.photographs import photograph
from kcnn.plots.panels import GREEN, RED, Curves, Picture, panels
from kcnn.seeds import generator

SIDE, COUNT, NEAR = 25, 16, 3.0
ANGLES = (0, 5, 10, 15, 20, 30, 45, 60)
SCALES = (0.5, 0.65, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0)
SEARCHED_ANGLES = tuple(range(0, 360, 15))


class Place(NamedTuple):
    """A pixel."""

    row: float
    column: float


Find = Callable[[np.ndarray, np.ndarray], Place]
"""Where the middle of a template (h, w) lies in an image (H, W)."""


def match_plainly(image: np.ndarray, template: np.ndarray) -> Place:
    """Where the normalised correlation is largest."""
    scores = normalised_correlation(image, template)
    row, column = np.unravel_index(scores.argmax(), scores.shape)
    return Place(row + (SIDE - 1) / 2, column + (SIDE - 1) / 2)


def search_turned_and_scaled(
    image: np.ndarray,
    template: np.ndarray,
    angles: Sequence[float] = SEARCHED_ANGLES,
    scales: Sequence[float] = (1.0,),
) -> Place:
    """Where it is largest among turned and scaled forms of the template."""
    best = search(image, template, scales, angles)[0]
    return Place(best.row, best.column)


def measure(find: Find = match_plainly, count: int = COUNT) -> Outcome:
    """Cut templates out of a photograph, look for them in the photograph turned and scaled, count those found."""
    image = grey(photograph("china"))[::2, ::2]
    middles = rough_places(image)[:count]
    turned = {angle: share_found(find, image, middles, angle, 1.0) for angle in ANGLES}
    scaled = {scale: share_found(find, image, middles, 0, scale) for scale in SCALES}
    numbers = {
        "found_as_cut": turned[0],
        "found_turned_by_30": turned[30],
        "found_turned_by_45": turned[45],
        "found_scaled_by_1_5": scaled[1.5],
        "found_scaled_by_0_65": scaled[0.65],
        "found_turned_by_30_by_a_search": share_found(search_turned_and_scaled, image, middles, 30, 1.0),
    }
    holds = (
        numbers["found_as_cut"] == 1
        and max(numbers["found_turned_by_30"], numbers["found_turned_by_45"]) < 0.5
        and max(numbers["found_scaled_by_1_5"], numbers["found_scaled_by_0_65"]) < 0.5
        and numbers["found_turned_by_30_by_a_search"] > 0.8
    )
    row = [
        *(shown(find, image, middles[0], angle) for angle in (0, 30)),
        Curves(ANGLES, {"found": list(turned.values())}, "turned", "degrees", "share of templates found", bottom=0),
        Curves(SCALES, {"found": list(scaled.values())}, "scaled", "times", "share of templates found", bottom=0),
    ]
    return Outcome(holds, numbers, panels([row], width=3.8))


def rough_places(image: np.ndarray) -> list[Place]:
    """Middles of templates with much to see, at random, far enough from the border to be turned."""
    rng, margin = generator(0), SIDE
    deviation = np.sqrt(ndimage.uniform_filter(image**2, SIDE) - ndimage.uniform_filter(image, SIDE) ** 2)
    candidates = np.argwhere(deviation > np.quantile(deviation, 0.6))
    inside = ((candidates >= margin) & (candidates < np.array(image.shape) - margin)).all(axis=1)
    return [Place(*place) for place in rng.permutation(candidates[inside])[:COUNT].tolist()]


def cut(image: np.ndarray, middle: Place) -> np.ndarray:
    """The template around a pixel."""
    top, left = int(middle.row) - SIDE // 2, int(middle.column) - SIDE // 2
    return image[top : top + SIDE, left : left + SIDE]


def transformed(image: np.ndarray, about: Place, angle: float, scale: float) -> np.ndarray:
    """The image turned anticlockwise by `angle` degrees and scaled about a pixel, which stays where it is."""
    back = rotation(angle).T / scale
    return ndimage.affine_transform(image, back, np.array(about) - back @ np.array(about), order=1, mode="reflect")


def share_found(find: Find, image: np.ndarray, middles: list[Place], angle: float, scale: float) -> float:
    """The share of templates found within a few pixels of where they are in the transformed image."""
    errors = [
        np.hypot(*np.subtract(find(transformed(image, middle, angle, scale), cut(image, middle)), middle))
        for middle in middles
    ]
    return float(np.mean(np.array(errors) <= NEAR))


def shown(find: Find, image: np.ndarray, middle: Place, angle: float) -> Picture:
    """The image with where the template is, and where it was found."""
    turned = transformed(image, middle, angle, 1.0)
    found = find(turned, cut(image, middle))
    # The frame of what was found lies inside, so that both are seen where they agree.
    frames = [(frame(middle), GREEN), (frame(found, inside=2), RED)]
    title = f"turned by {angle} degrees: there (green), found (red)" if angle else "as cut: there (green), found (red)"
    return Picture(turned, title, boxes=frames)


def frame(middle: Place, inside: int = 0) -> tuple[float, float, float, float]:
    """The box of a template around a pixel, or so many pixels inside of it."""
    side = SIDE - 2 * inside
    return middle.row - side // 2, middle.column - side // 2, side, side
