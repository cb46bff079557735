"""What a segmentation answers, beside the image and the truth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from kcnn.plots.figure import figure

MISSED, ADDED, OTHER = (0.75, 0.22, 0.17), (0.17, 0.44, 0.73), (0.85, 0.37, 0.01)
_UNCOUNTED = (0.6, 0.6, 0.6)

_LARGEST = 1024
"""Pixels a side that a picture is drawn with at most."""


@dataclass(frozen=True)
class Overlay:
    """An image (H, W, 1 or 3), uint8, with the class of each pixel in truth and answer (H, W); `name` says which.

    Where `counted` is false nothing is known.
    """

    name: str
    image: np.ndarray
    truth: np.ndarray
    answer: np.ndarray
    counted: np.ndarray


def overlays(shown: Sequence[Overlay], classes: Sequence[str], title: str = "") -> Figure:
    """A row an image: the image, the truth, the answer, and what is wrong laid over the image.

    With two classes what is wrong has a colour for each; with more it has one.
    """
    made, axes = figure(12, 3.15 * len(shown) + (0.9 if title else 0.6), len(shown), 4)
    for each in axes:
        each.set_axis_off()
    for row, one in enumerate(map(_reduced, shown)):
        pictures = (
            _colours(one.image),
            painted(one.truth, one.counted, len(classes)),
            painted(one.answer, np.ones_like(one.counted), len(classes)),
            _faults(one, len(classes)),
        )
        wrong = np.mean((one.truth != one.answer)[one.counted]) if one.counted.any() else np.nan
        titles = (one.name, "truth", "answer", f"{100 * wrong:.2f} % of the pixels wrong")
        for each, picture, text in zip(axes[4 * row : 4 * row + 4], pictures, titles, strict=True):
            each.imshow(picture, interpolation="nearest")
            each.set_title(text, fontsize=9, y=1.0, parse_math=False)  # without y matplotlib takes long to find it
    made.legend(handles=_legend(classes), loc="outside lower center", ncols=6, frameon=False, fontsize=9)
    if title:
        made.suptitle(title, fontsize=11, parse_math=False)
    return made


def painted(classes: np.ndarray, counted: np.ndarray, count: int) -> np.ndarray:
    """Masks (..., H, W) of `count` classes in colours, uint8, as `overlays` has them; grey where nothing is known."""
    colours = _palette(count)[np.where(counted, classes, 0)]
    colours[~counted] = _UNCOUNTED
    return np.round(255 * colours).astype(np.uint8)


def _reduced(one: Overlay) -> Overlay:
    """Every so many pixels of it, so that none of its sides is longer than is drawn."""
    step = -(-max(one.truth.shape) // _LARGEST)
    parts = {name: getattr(one, name)[::step, ::step] for name in ("image", "truth", "answer", "counted")}
    return replace(one, **parts) if step > 1 else one


def _palette(count: int) -> np.ndarray:
    """A colour a class: from black to white for two, else colours that are told apart."""
    if count == 2:
        return np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    return np.array([colormaps["tab20"](index % 20)[:3] for index in range(count)])


def _colours(image: np.ndarray) -> np.ndarray:
    return np.broadcast_to(image, (*image.shape[:2], 3)) / 255.0


def _faults(one: Overlay, count: int) -> np.ndarray:
    """The image, pale, with the wrong pixels in colour."""
    picture = 0.35 + 0.65 * _colours(one.image)
    wrong = (one.truth != one.answer) & one.counted
    if count > 2:
        picture[wrong] = OTHER
        return picture
    picture[wrong & (one.truth == 0)] = MISSED
    picture[wrong & (one.truth != 0)] = ADDED
    return picture


def _legend(classes: Sequence[str]) -> list[Patch]:
    palette = _palette(len(classes))
    known = [Patch(facecolor=palette[i], edgecolor="black", label=name) for i, name in enumerate(classes[:8])]
    if len(classes) > 2:
        return [*known, Patch(color=OTHER, label="wrong")]
    return [
        *known,
        Patch(color=MISSED, label=f"{classes[0]} taken for {classes[1]}"),
        Patch(color=ADDED, label=f"{classes[1]} taken for {classes[0]}"),
    ]
