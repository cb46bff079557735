"""What was found, drawn into the picture: boxes, keypoints, matches, and the answers of cells.

Pictures are given and returned in 0..1; returned ones are (H, W, 3), with 256 levels.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike

from kcnn.arithmetic.pixels import quantise, scaled
from kcnn.filters.images import as_image, rotation
from kcnn.filters.keypoints import Keypoints, Matches
from kcnn.filters.template import Match

GREEN, ORANGE, WHITE, BLACK = (60, 220, 90), (255, 150, 30), (255, 255, 255), (0, 0, 0)
SHIFT = 4
"""OpenCV draws to this power of two of a pixel."""

SMALLEST_INSET = 6
"""Pixels below which a kernel cannot be seen."""

SHOWN = 1000
"""Pixels of the longer side that small pictures are about enlarged to."""

GAP = 0.02
"""Between two pictures or tiles, of the height."""


def with_boxes(image: ArrayLike, matches: Sequence[Match]) -> np.ndarray:
    """The picture with a frame around each match; a tick points to where the template has its top."""
    canvas = _canvas(image)
    width = _line(canvas)
    for match in matches:
        corners = _corners(match)
        top = corners[:2].mean(axis=0)
        middle = np.array([match.column, match.row])
        for colour, thick in ((BLACK, width + 2), (GREEN, width)):
            cv2.polylines(canvas, [_fixed(corners)], True, colour, thick, cv2.LINE_AA, SHIFT)
            tick = _fixed(np.array([top, top + 0.15 * (middle - top)]))
            cv2.polylines(canvas, [tick], False, colour, thick, cv2.LINE_AA, SHIFT)
    return scaled(canvas)


def with_keypoints(image: ArrayLike, keypoints: Keypoints, count: int) -> np.ndarray:
    """The picture with the `count` strongest keypoints: a circle as large as what was found, a line for its angle.

    Small pictures are enlarged, so that the circles can be told apart.
    """
    factor = _enlargement(image)
    canvas = _canvas(image, faded=True, factor=factor)
    width = _line(canvas)
    points = _enlarged(keypoints.points[:count], factor)
    radii = np.maximum(keypoints.sizes[:count] * factor / 2, 3 * width)
    turns = np.deg2rad(keypoints.angles[:count])
    ends = points + radii[:, None] * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    for colour, thick in ((BLACK, width + 1), (ORANGE, width)):
        for point, end, radius in zip(points, ends, radii, strict=True):
            cv2.circle(canvas, _at(point), round(radius * 2**SHIFT), colour, thick, cv2.LINE_AA, SHIFT)
            cv2.line(canvas, _at(point), _at(end), colour, thick, cv2.LINE_AA, SHIFT)
    return scaled(canvas)


def side_by_side(first: ArrayLike, second: ArrayLike, matches: Matches, inliers: np.ndarray, count: int) -> np.ndarray:
    """Two pictures and lines between `count` matches, inliers in green, others in orange, in their proportion.

    Those that are drawn are spread evenly over the matches. Small pictures are enlarged.
    """
    factor = min(_enlargement(first), _enlargement(second))
    pictures = [_canvas(each, faded=True, factor=factor) for each in (first, second)]
    height = max(len(each) for each in pictures)
    left = pictures[0].shape[1] + round(GAP * height) + 1
    canvas = np.full((height, left + pictures[1].shape[1], 3), 255, np.uint8)
    for each, column in zip(pictures, (0, left), strict=True):
        canvas[: len(each), column : column + each.shape[1]] = each
    width = _line(canvas)
    starts, ends = _enlarged(matches.first, factor), _enlarged(matches.second, factor) + np.array([left, 0])
    shown = np.unique(np.linspace(0, len(matches) - 1, min(count, len(matches))).round().astype(int))
    for index in sorted(shown, key=lambda index: inliers[index]):
        colour = GREEN if inliers[index] else ORANGE
        cv2.line(canvas, _at(starts[index]), _at(ends[index]), colour, width, cv2.LINE_AA, SHIFT)
        for place in (starts[index], ends[index]):
            cv2.circle(canvas, _at(place), 3 * width * 2**SHIFT, colour, width, cv2.LINE_AA, SHIFT)
    return scaled(canvas)


def sheet_of_orientations(image: ArrayLike, answers: np.ndarray, kernels: Sequence[np.ndarray]) -> np.ndarray:
    """The picture, the answers (N, H, W) of cells of N orientations with a kernel of each, and all in colours.

    The colour says which orientation answers most, the brightness how much.
    """
    ceiling = float(np.quantile(answers.max(axis=0), 0.995)) or 1.0
    shown = (answers / ceiling).clip(0, 1)
    tiles = [_canvas(image)]
    for answer, kernel in zip(shown, kernels, strict=True):
        tile = _canvas(answer)
        side = min(tile.shape[:2]) // 4
        if side >= SMALLEST_INSET:
            inset = _inset(kernel, side)
            tile[: inset.shape[0], : inset.shape[1]] = inset
        tiles.append(tile)
    hue = shown.argmax(axis=0) * (180 / len(shown))
    hsv = np.stack([hue, np.full_like(hue, 200), 255 * shown.max(axis=0)], axis=-1).astype(np.uint8)
    tiles.append(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))
    columns = int(np.ceil(np.sqrt(len(tiles))))
    height, width = tiles[0].shape[:2]
    gap = round(GAP * height) + 1
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 255, np.uint8)
    for index, tile in enumerate(tiles):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = tile
    return scaled(sheet)


def _corners(match: Match) -> np.ndarray:
    """The corners (x, y) of the template as it lies in the picture, its upper two first."""
    around = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1)]) * (np.array(match.size) - 1) / 2
    return (around @ rotation(match.angle).T + (match.row, match.column))[:, ::-1]


def _inset(kernel: np.ndarray, size: int) -> np.ndarray:
    """The middle of a kernel as a grey square with a white frame."""
    cut = len(kernel) // 6
    middle = kernel[cut : len(kernel) - cut, cut : len(kernel) - cut]
    square = cv2.resize(_canvas(0.5 + 0.5 * middle / np.abs(middle).max()), (size, size), interpolation=cv2.INTER_CUBIC)
    return cv2.copyMakeBorder(square, 0, 2, 0, 2, cv2.BORDER_CONSTANT, value=WHITE)


def _canvas(image: ArrayLike, faded: bool = False, factor: int = 1) -> np.ndarray:
    """The picture as 8-bit RGB that OpenCV draws on; faded ones are lighter, so that lines stand out."""
    levels = as_image(image).clip(0, 1)
    values = quantise(0.25 + 0.75 * levels if faded else levels, 8)
    canvas = np.ascontiguousarray(values if values.ndim == 3 else np.dstack([values] * 3))
    return cv2.resize(canvas, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC) if factor > 1 else canvas


def _enlargement(image: ArrayLike) -> int:
    """The whole factor that makes a small picture large enough to draw on."""
    return max(1, round(SHOWN / max(np.shape(image)[:2])))


def _enlarged(points: np.ndarray, factor: int) -> np.ndarray:
    """Middles of pixels as places in the enlarged picture."""
    return factor * (points + 0.5) - 0.5


def _line(canvas: np.ndarray) -> int:
    """The width of a line that is seen in a picture of this size."""
    return max(1, round(max(canvas.shape[:2]) / 500))


def _fixed(points: np.ndarray) -> np.ndarray:
    """Pixels in the units that OpenCV draws in."""
    return np.rint(np.asarray(points) * 2**SHIFT).astype(np.int32)


def _at(point: np.ndarray) -> tuple[int, int]:
    x, y = _fixed(point).tolist()
    return x, y
