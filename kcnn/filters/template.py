"""Template matching: where a small picture lies in a large one.

A place is the middle of the template in pixels of the image, with fractions; scores are those of the normalised
correlation, 1 for a perfect match.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from kcnn.arithmetic.correlation import correlate
from kcnn.arithmetic.fourier import linear_convolution
from kcnn.errors import InputError
from kcnn.filters.images import as_grey, faster_by, rotation

FLAT = 1e-5
"""The deviation below which a window counts as flat, where pixels are in 0..1."""


@dataclass(frozen=True)
class Peak:
    """A local maximum of a map of scores."""

    row: float
    column: float
    score: float


@dataclass(frozen=True)
class Match:
    """A template found: its middle, its size (height, width), the scale and angle that it was found with, its score."""

    row: float
    column: float
    size: tuple[int, int]
    scale: float
    angle: float
    score: float


def correlation(image: ArrayLike, template: ArrayLike) -> np.ndarray:
    """The sum of products at every place where the template fits: (H - h + 1, W - w + 1).

    It is large where the image is bright, whatever is there. Raises InputError for an image or template that is not
    grey, or a template larger than the image.
    """
    image, template = _fitting(image, template)
    return _products(image, template)


def normalised_correlation(image: ArrayLike, template: ArrayLike) -> np.ndarray:
    """The correlation coefficient of the template and what is under it, -1 to 1, at every place where it fits.

    Brightness and contrast do not matter; where the image is flat the score is 0.
    Raises InputError as `correlation` does, and for a flat template.
    """
    image, template = _fitting(image, template)
    _check_varies(template)
    return _coefficients(image, template, np.ones_like(template))


def peaks(scores: ArrayLike, threshold: float = 0.5, distance: int = 1, count: int | None = None) -> list[Peak]:
    """The local maxima of a map (H, W), best first, at least `threshold` high and `distance` pixels apart.

    Of maxima that are nearer, along rows and columns, the highest stays (non-maximum suppression). Places are the
    tops of parabolas through a maximum and its eight neighbours. `count` is the most that are given.
    Raises InputError for a distance or count below 1.
    """
    if distance < 1 or (count is not None and count < 1):
        raise InputError(f"distance and count must be at least 1, got {distance} and {count}")
    scores = as_grey(scores, "scores")
    highest = ndimage.maximum_filter(scores, 2 * distance - 1, mode="constant", cval=-np.inf)
    rows, columns = np.nonzero((scores == highest) & (scores >= threshold))
    order = np.argsort(-scores[rows, columns], kind="stable")
    found: list[tuple[int, int]] = []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        # Equal neighbours are both the highest.
        if all(max(abs(row - r), abs(column - c)) >= distance for r, c in found):
            found.append((row, column))
        if len(found) == count:
            break
    return [Peak(*_top(scores, row, column), float(scores[row, column])) for row, column in found]


def search(
    image: ArrayLike,
    template: ArrayLike,
    scales: Sequence[float] = (1.0,),
    angles: Sequence[float] = (0.0,),
    threshold: float = 0.0,
    count: int = 1,
) -> list[Match]:
    """The best matches of the template scaled by each factor and turned by each angle, in degrees anticlockwise.

    Each form of the template is correlated with the whole image, so the time grows with their number. Matches nearer
    than half of the template's shorter side are one. Forms that do not fit into the image, or have shrunk until they
    are flat, are left out.
    Raises InputError as `normalised_correlation` does, for a scale that is not positive and finite, an angle that is
    not finite, and where no form is left.
    """
    image, template = as_grey(image), as_grey(template, "template")
    if not len(scales) or not len(angles) or not (min(scales) > 0 and np.isfinite([*scales, *angles]).all()):
        raise InputError(f"scales must be positive, and there must be some and an angle, got {scales} and {angles}")
    _check_varies(template)
    found: list[Match] = []
    forms = 0
    for scale in scales:
        for angle in angles:
            needed = _size(template, scale, angle)
            # One pixel is flat; to smooth the template so far would take long.
            if max(needed) == 1 or any(side > room for side, room in zip(needed, image.shape, strict=True)):
                continue
            form, mask = turned(template, scale, angle)
            if _is_flat(form, mask):
                continue
            forms += 1
            scores = _coefficients(image, form, mask)
            distance = max(1, min(form.shape) // 2)
            size = (round(template.shape[0] * scale), round(template.shape[1] * scale))
            middle = [(side - 1) / 2 for side in form.shape]
            found += [
                Match(peak.row + middle[0], peak.column + middle[1], size, float(scale), float(angle), peak.score)
                for peak in peaks(scores, threshold, distance, count)
            ]
    if not forms:
        raise InputError(
            f"no form of the template, {template.shape} at scale 1, fits into the image, {image.shape}, and is not flat"
        )
    return _apart(found, min(template.shape) / 2)[:count]


def turned(template: np.ndarray, scale: float, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """The template scaled and turned anticlockwise by `angle` degrees, and a mask of 1 where it has pixels.

    Both are as large as they need to be.
    """
    if scale == 1 and angle % 360 == 0:
        return template, np.ones_like(template)
    back, size = rotation(angle).T / scale, _size(template, scale, angle)
    offset = (np.array(template.shape) - 1) / 2 - back @ ((np.array(size) - 1) / 2)
    # Smaller forms are smoothed before, so that they do not alias.
    smooth = ndimage.gaussian_filter(template, max(0.0, 0.5 * (1 / scale - 1)))
    form = ndimage.affine_transform(smooth, back, offset, size, order=1, mode="nearest")
    inside = ndimage.affine_transform(np.ones_like(template), back, offset, size, order=1, mode="grid-constant")
    return form, (inside > 0.99).astype(form.dtype)


def _size(template: np.ndarray, scale: float, angle: float) -> tuple[int, ...]:
    """The size that a form of the template needs."""
    extent = np.abs(scale * rotation(angle)) @ template.shape
    return tuple(int(side) for side in np.maximum(1, np.round(extent)))


def _is_flat(template: np.ndarray, mask: np.ndarray) -> bool:
    """Whether the template has no pixels, or nothing to be seen on them."""
    return not mask.any() or float(template[mask > 0].std()) < FLAT


def _check_varies(template: np.ndarray) -> None:
    if _is_flat(template, np.ones_like(template)):
        raise InputError("the template must not be flat: it would match everywhere")


def _coefficients(image: np.ndarray, template: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The correlation coefficient over the pixels of the template that the mask has, (H - h + 1, W - w + 1)."""
    count = mask.sum()
    centred = (template - (template * mask).sum() / count) * mask
    power = (centred**2).sum()
    # Sums of squares lose fewer digits about the mean.
    image = image - image.mean()
    sums = _products(image, mask)
    variation = (_products(image**2, mask) - sums**2 / count).clip(0)
    varies = variation / count > FLAT**2
    scores = _products(image, centred)
    return np.divide(scores, np.sqrt(variation * power), out=np.zeros_like(scores), where=varies).clip(-1, 1)


def _products_by_transform(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    height, width = template.shape
    return linear_convolution(image, np.flip(template))[height - 1 : image.shape[0], width - 1 : image.shape[1]]


@faster_by(_products_by_transform)
def _products(image: np.ndarray, template: np.ndarray) -> np.ndarray:
    return correlate(image, template)


def _fitting(image: ArrayLike, template: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both in float64. Raises InputError where one is not grey, or the template is the larger."""
    image, template = as_grey(image).astype(np.float64), as_grey(template, "template").astype(np.float64)
    if any(side > room for side, room in zip(template.shape, image.shape, strict=True)):
        raise InputError(f"template must not be larger than the image, got {template.shape} for {image.shape}")
    return image, template


def _top(scores: np.ndarray, row: int, column: int) -> tuple[float, float]:
    """The top of the parabola through a maximum and its eight neighbours, a pixel away along each axis at most."""
    offsets = np.zeros(2)
    if 0 < row < scores.shape[0] - 1 and 0 < column < scores.shape[1] - 1:
        (nw, n, ne), (w, here, e), (sw, s, se) = scores[row - 1 : row + 2, column - 1 : column + 2]
        slope = np.array([s - n, e - w]) / 2
        twist = (nw + se - ne - sw) / 4
        bend = np.array([(n + s - 2 * here, twist), (twist, e + w - 2 * here)])
        if np.linalg.eigvalsh(bend).max() < 0:
            offsets = -np.linalg.solve(bend, slope)
    row_offset, column_offset = offsets.clip(-1, 1)
    return row + float(row_offset), column + float(column_offset)


def _apart(matches: Iterable[Match], distance: float) -> list[Match]:
    """The matches, best first, without those that lie nearer than `distance` to a better one."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda match: -match.score):
        if all(np.hypot(match.row - other.row, match.column - other.column) >= distance for other in kept):
            kept.append(match)
    return kept
