"""Clips whose class is what a shape does, or what it is: shapes that move on a torus, so that no frame tells a motion.

A frame is decided by where the shape is, how it is turned and how large it is: a point on a torus of four dimensions.
The point begins anywhere, all places being as likely, and the motion says along which of the axes it goes. It is then
anywhere at every moment, whatever the motion: a single frame, the first and the last included, knows nothing of it.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from sklearn.datasets import load_digits

from kcnn.data.signs import SIGNS, drawn
from kcnn.recipes.video import FRAMES, SIDE
from kcnn.seeds import generator

MOTIONS = (
    "left",
    "right",
    "up",
    "down",
    "clockwise",
    "anticlockwise",
    "growing",
    "shrinking",
    "shift then turn",
    "turn then shift",
)
"""Played backwards, a clip of one of a pair shows the other."""

_X, _Y, _TURN, _SIZE = range(4)
_SIMPLE = {
    "left": (_X, -1),
    "right": (_X, 1),
    "up": (_Y, -1),
    "down": (_Y, 1),
    "clockwise": (_TURN, 1),
    "anticlockwise": (_TURN, -1),
    "growing": (_SIZE, 1),
    "shrinking": (_SIZE, -1),
}
"""The axis of each motion that goes on, and in which sense."""

SMALLEST, LARGEST = 0.55, 1.15
"""Of a shape that is about 20 pixels long at 1; what grows beyond the one begins anew at the other."""

_SPEEDS = np.array([(0.75 / SIDE, 2 / SIDE)] * 2 + [(6 / 360, 15 / 360), (1 / 24, 1 / 12)])
"""The least and the most that a frame moves along each axis: pixels, degrees, shares of the way from small to large."""

_OFF = 5
"""Pixels along each axis, at most, from the middle of the picture to a sign of `shapes` in the middle of its clip."""

_MOTIONS, _SHAPES = 0, 1


@dataclass(frozen=True)
class Motion:
    """What a shape does: a speed (4,) along each axis, or one until the middle of the clip and another from there."""

    first: np.ndarray
    second: np.ndarray

    def path(self, begin: np.ndarray) -> np.ndarray:
        """The points (FRAMES, 4) on the torus, 0 to 1 along each axis, from the one it begins at."""
        moments = np.arange(FRAMES)[:, np.newaxis]
        half = (FRAMES - 1) / 2
        return (begin + np.minimum(moments, half) * self.first + np.maximum(moments - half, 0) * self.second) % 1.0


def motion(name: str, draw: np.random.Generator) -> Motion:
    """A motion of that name at a speed that is drawn."""
    speeds = draw.uniform(*_SPEEDS.T)
    way, senses = draw.integers(2), draw.choice([-1, 1], 2)
    if name in _SIMPLE:
        axis, sense = _SIMPLE[name]
        along = np.zeros(4)
        along[axis] = sense * speeds[axis]
        return Motion(along, along)
    shift, turn = np.zeros(4), np.zeros(4)
    axis = (_X, _Y)[way]
    shift[axis], turn[_TURN] = senses * speeds[[axis, _TURN]]
    return Motion(shift, turn) if name == "shift then turn" else Motion(turn, shift)


def motions(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Clips (count, 16, 32, 32, 1), uint8, of handwritten digits and drawn signs, and which of the `MOTIONS` each is.

    Clip i has the class i modulo 10 and depends on the seed and i alone; shape, place, size, speed, brightness and
    noise are drawn alike for all classes.
    """
    labels = np.arange(count) % len(MOTIONS)
    clips = np.empty((count, FRAMES, SIDE, SIDE, 1), np.uint8)
    for index, label in enumerate(labels):
        draw = generator(seed, _MOTIONS, index)
        shapes = (_digits(), _signs())[draw.integers(2)]
        shape = shapes[draw.integers(len(shapes))]
        clips[index] = _clip(shape, motion(MOTIONS[label], draw).path(draw.random(4)), draw)
    return clips, labels


def shapes(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Clips (count, 16, 32, 32, 1), uint8, of drawn signs that move as in `motions`, and which of the `SIGNS` each is.

    In the middle of the clip a sign is about the middle of the picture, so that a frame shows it whole. Clip i has the
    class i modulo 10 and depends on the seed and i alone.
    """
    labels = np.arange(count) % len(SIGNS)
    clips = np.empty((count, FRAMES, SIDE, SIDE, 1), np.uint8)
    for index, label in enumerate(labels):
        draw = generator(seed, _SHAPES, index)
        moving = motion(MOTIONS[draw.integers(len(MOTIONS))], draw)
        middle = draw.random(4)
        middle[:2] = draw.uniform(-_OFF, _OFF, 2) / SIDE
        clips[index] = _clip(_signs()[label], moving.path(middle - (FRAMES - 1) / 2 * moving.first), draw)
    return clips, labels


def _clip(shape: np.ndarray, path: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """A shape on its way (16, 32, 32, 1), uint8, on a ground of a brightness of its own, with noise."""
    ground = draw.uniform(0, 0.25)
    contrast = draw.uniform(0.45, 0.75)
    noise = draw.uniform(0, 0.06) * draw.standard_normal((FRAMES, SIDE, SIDE), np.float32)
    seen = ground + contrast * np.stack([placed(shape, point) for point in path]) + noise
    return np.round(255 * seen.clip(0, 1)).astype(np.uint8)[..., np.newaxis]


def placed(shape: np.ndarray, point: np.ndarray) -> np.ndarray:
    """A shape (height, width) at a point of the torus: a frame (32, 32); what leaves it at one side enters opposite."""
    x, y, turn, size = point
    scale = SMALLEST * (LARGEST / SMALLEST) ** size
    cosine, sine = scale * np.cos(2 * np.pi * turn), scale * np.sin(2 * np.pi * turn)
    linear = np.array([[cosine, -sine], [sine, cosine]])  # rows point down: clockwise
    middle = np.array([shape.shape[1] - 1, shape.shape[0] - 1]) / 2
    target = SIDE * np.array([x, y]) + SIDE / 2
    matrix = np.column_stack([linear, target - linear @ middle])
    wide = cv2.warpAffine(shape, matrix, (2 * SIDE, 2 * SIDE), flags=cv2.INTER_LINEAR)
    return wide.reshape(2, SIDE, 2, SIDE).sum((0, 2))


@lru_cache(maxsize=1)
def _digits() -> np.ndarray:
    """The digits that come with scikit-learn (1797, 24, 24), float32, 0 to 1."""
    small = (load_digits().images / 16).astype(np.float32)
    return np.stack([cv2.resize(one, (24, 24), interpolation=cv2.INTER_CUBIC) for one in small]).clip(0, 1)


@lru_cache(maxsize=1)
def _signs() -> np.ndarray:
    """The drawn signs (10, 24, 24), float32, 0 to 1."""
    return np.stack([drawn(name, 24) for name in SIGNS])
