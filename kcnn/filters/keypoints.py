"""Keypoints: found and described by OpenCV, matched by Lowe's ratio test, held together by a homography; their score.

Points are (x, y) in pixels, x to the right and y downward, as OpenCV and the papers have them.
Source: Lowe 2004 (SIFT, ratio test); Rublee et al. 2011 (ORB); Alcantarilla et al. 2013 (AKAZE); for the score on
homographies of real pictures Jin et al. 2021, *Image Matching across Wide Baselines*.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike

from kcnn.arithmetic.pixels import quantise
from kcnn.errors import InputError, unknown
from kcnn.filters.images import as_grey
from kcnn.seeds import generator

METHODS: Mapping[str, tuple[Callable[..., Any], int]] = {
    "sift": (cv2.SIFT.create, cv2.NORM_L2),
    "orb": (cv2.ORB.create, cv2.NORM_HAMMING),
    "akaze": (cv2.AKAZE.create, cv2.NORM_HAMMING),
}
"""What makes each detector, and the distance between its descriptors: SIFT's are lengths, the others bits."""

FEWEST = 8
"""Matches that have to agree with a homography: any four do, and some more by chance."""

SHARE = 0.25
"""And of all matches: of many, more than a few agree by chance with a homography that squeezes them together."""

CHUNK = 2048
"""Descriptors compared at once, so that a large picture does not fill the memory."""

THRESHOLDS = tuple(range(1, 11))
"""Pixels."""

GAIN, OFFSET, NOISE = 0.15, 0.05, 0.01
"""By how much, at most, the light of the warped picture differs, and the deviation of its noise; of pixels in 0..1."""


@dataclass(frozen=True)
class Keypoints:
    """Points (N, 2), the diameter of what each describes (N,), its angle in degrees (N,), and descriptors (N, D)."""

    method: str
    points: np.ndarray
    sizes: np.ndarray
    angles: np.ndarray
    descriptors: np.ndarray

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True)
class Matches:
    """Pairs of points: row i of `first` (N, 2) and of `second` (N, 2) are taken for the same thing."""

    first: np.ndarray
    second: np.ndarray

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class Homography:
    """The matrix (3, 3) from the first picture to the second, and which of the matches agree with it (N,)."""

    matrix: np.ndarray
    inliers: np.ndarray


@dataclass(frozen=True)
class Score:
    """What a method reached on some pairs; inliers and seconds are means, of a pair."""

    mean_average_accuracy: float
    inliers: float
    seconds: float
    errors: tuple[float, ...]


def detect(image: ArrayLike, method: str = "sift", count: int | None = None) -> Keypoints:
    """The keypoints of a grey image in 0..1, the strongest `count` of them.

    Of SIFT and AKAZE all are kept by default, of ORB 500, as OpenCV has it. They see 256 levels of grey.
    Raises InputError for an unknown method, and for an image that is not grey or not in 0..1.
    """
    check_method(method)
    levels = quantise(as_grey(image), 8)
    if len(levels) == 1:
        levels = np.repeat(levels, 2, axis=0)  # AKAZE writes past its memory on one row, which has no keypoints.
    options = {"nfeatures": count} if method == "orb" and count is not None else {}
    try:
        found, descriptors = METHODS[method][0](**options).detectAndCompute(levels, None)
    except cv2.error:
        found, descriptors = (), None  # AKAZE has no scales for a picture of a few pixels.
    if descriptors is None:
        found, descriptors = (), np.zeros((0, 1), np.uint8 if METHODS[method][1] == cv2.NORM_HAMMING else np.float32)
    order = np.argsort([-point.response for point in found], kind="stable")[:count]
    points = np.array([found[index].pt for index in order]).reshape(-1, 2)
    sizes, angles = (np.array([getattr(found[index], name) for index in order]) for name in ("size", "angle"))
    return Keypoints(method, points, sizes, angles, descriptors[order.astype(int)])


def match(first: Keypoints, second: Keypoints, ratio: float = 0.8) -> Matches:
    """Each keypoint's nearest one of the second picture, where it is nearer than `ratio` times the next nearest.

    Raises InputError where the methods differ, or the ratio is not in 0..1.
    """
    if first.method != second.method:
        raise InputError(f"both pictures need the same method, got {first.method!r} and {second.method!r}")
    if not 0 < ratio <= 1:
        raise InputError(f"ratio must be above 0 and at most 1, got {ratio}")
    if not len(first) or len(second) < 2:
        return Matches(np.zeros((0, 2)), np.zeros((0, 2)))
    matcher = cv2.BFMatcher(METHODS[first.method][1])
    pairs = [
        (start + near.queryIdx, near.trainIdx)
        for start in range(0, len(first), CHUNK)
        for near, next_ in matcher.knnMatch(first.descriptors[start : start + CHUNK], second.descriptors, 2)
        if near.distance < ratio * next_.distance
    ]
    from_, to = np.array(pairs, int).reshape(-1, 2).T
    return Matches(first.points[from_], second.points[to])


def homography(matches: Matches, threshold: float = 3.0) -> Homography | None:
    """The homography that most matches agree with to `threshold` pixels, by RANSAC.

    None where fewer than 8 of the matches, or than a quarter of them, agree.
    The same matches always give the same one. Raises InputError for a threshold that is not positive.
    Source: Fischler and Bolles 1981.
    """
    if not threshold > 0:
        raise InputError(f"threshold must be positive, got {threshold}")
    if len(matches) < FEWEST:
        return None
    cv2.setRNGSeed(0)
    matrix, kept = cv2.findHomography(matches.first, matches.second, cv2.RANSAC, threshold)
    if matrix is None or kept.sum() < max(FEWEST, SHARE * len(matches)):
        return None
    return Homography(matrix, kept.ravel().astype(bool))


def random_homography(size: tuple[int, int], rng: np.random.Generator, strength: float = 0.15) -> np.ndarray:
    """A homography (3, 3) that moves each corner of (height, width) by up to `strength` of the sides, either way.

    Corners that would put the horizon into the picture are drawn again, so what they span is convex.
    Raises InputError where the strength is not in 0..0.5: beyond, corners may change places; and for a size that has
    no four corners.
    """
    if not 0 <= strength < 0.5:
        raise InputError(f"strength must be at least 0 and below 0.5, got {strength}")
    if min(size) < 2:
        raise InputError(f"size must be at least 2 x 2, got {size}")
    corners = _corners(size)
    while True:
        moved = corners + rng.uniform(-strength, strength, (4, 2)) * (size[1], size[0])
        matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32))
        if (np.column_stack([corners, np.ones(4)]) @ matrix[2] > 0).all():
            return matrix


def warped(image: ArrayLike, matrix: ArrayLike, rng: np.random.Generator) -> np.ndarray:
    """The grey image as the homography shows it, in slightly other light and with noise, in 0..1.

    What lies outside the image is mirrored. Raises InputError for an image that is not grey.
    """
    image = as_grey(image).astype(np.float32)
    height, width = image.shape
    matrix = np.asarray(matrix, float)
    seen = cv2.warpPerspective(
        image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    gain, offset = 1 + rng.uniform(-GAIN, GAIN), rng.uniform(-OFFSET, OFFSET)
    return (gain * seen + offset + rng.normal(0, NOISE, seen.shape)).clip(0, 1)


def corner_error(estimate: ArrayLike | None, truth: ArrayLike, size: tuple[int, int]) -> float:
    """How far apart, in the mean of pixels, two homographies put the corners of (height, width); infinite for None."""
    if estimate is None:
        return float("inf")
    corners = _corners(size)[None]
    apart = [cv2.perspectiveTransform(corners, np.asarray(matrix, float))[0] for matrix in (estimate, truth)]
    error = float(np.linalg.norm(apart[0] - apart[1], axis=1).mean())
    return error if np.isfinite(error) else float("inf")


def mean_average_accuracy(errors: Sequence[float], thresholds: Sequence[float] = THRESHOLDS) -> float:
    """The share of errors below each threshold, in the mean of the thresholds: 0..1.

    Raises InputError where there are no errors or no thresholds.
    """
    if not len(errors) or not len(thresholds):
        raise InputError("the accuracy needs an error and a threshold at least")
    return float((np.asarray(errors, float)[:, None] < np.asarray(thresholds, float)).mean())


def evaluate(
    pictures: Sequence[ArrayLike],
    method: str,
    pairs: int = 5,
    seed: int = 0,
    strength: float = 0.15,
    ratio: float = 0.8,
    threshold: float = 3.0,
) -> Score:
    """Find `pairs` random homographies of each grey picture by its keypoints, as `detect`, `match`, `homography` do.

    The pairs depend on the seed and the place of the picture alone. Raises InputError as those functions do.
    """
    check_method(method)
    if not len(pictures) or pairs < 1:
        raise InputError(f"the score needs a picture and a pair at least, got {len(pictures)} and {pairs}")
    errors, inliers, seconds = [], [], []
    for index, picture in enumerate(map(as_grey, pictures)):
        for pair in range(pairs):
            rng = generator(seed, index, pair)
            truth = random_homography(picture.shape, rng, strength)
            other = warped(picture, truth, rng)
            begin = perf_counter()
            found = homography(match(detect(picture, method), detect(other, method), ratio), threshold)
            seconds.append(perf_counter() - begin)
            inliers.append(0 if found is None else int(found.inliers.sum()))
            errors.append(corner_error(None if found is None else found.matrix, truth, picture.shape))
    return Score(mean_average_accuracy(errors), float(np.mean(inliers)), float(np.mean(seconds)), tuple(errors))


def check_method(method: str) -> None:
    """Raise InputError for a method that there is not."""
    if method not in METHODS:
        raise unknown("method", method, METHODS)


def _corners(size: tuple[int, int]) -> np.ndarray:
    """The middles of the corner pixels of (height, width), (4, 2) as (x, y)."""
    height, width = size
    return np.array([(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)], float)
