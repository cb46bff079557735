"""Ten signs of a few strokes, told apart however they are turned."""

import cv2
import numpy as np

_STROKES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "arrow": (((-0.8, 0), (0.8, 0)), ((0.1, -0.6), (0.8, 0), (0.1, 0.6))),
    "bar": (((-0.85, 0), (0.85, 0)),),
    "cross": (((-0.8, 0), (0.8, 0)), ((0, -0.8), (0, 0.8))),
    "flag": (((-0.4, 0.85), (-0.4, -0.8), (0.6, -0.8), (0.6, -0.1), (-0.4, -0.1)),),
    "fork": (((-0.6, -0.8), (-0.6, -0.1), (0.6, -0.1), (0.6, -0.8)), ((0, -0.8), (0, 0.85))),
    "hook": (((0.4, -0.85), (0.4, 0.4), (0.1, 0.8), (-0.4, 0.8), (-0.6, 0.4)),),
    "ring": (tuple((0.75 * np.cos(t), 0.75 * np.sin(t)) for t in np.linspace(0.6, 2 * np.pi - 0.6, 24)),),
    "tee": (((-0.75, -0.7), (0.75, -0.7)), ((0, -0.7), (0, 0.8))),
    "triangle": (((0, -0.8), (0.7, 0.55), (-0.7, 0.55), (0, -0.8)),),
    "zigzag": (((-0.7, 0.7), (-0.35, -0.7), (0.35, 0.7), (0.7, -0.7)),),
}
"""Strokes from point to point, (x, y), y pointing down, in a circle of radius 1."""

SIGNS = tuple(_STROKES)

_FINER, _BITS, _WIDTH = 8, 4, 0.2


def drawn(name: str, side: int) -> np.ndarray:
    """A sign (side, side), float32, 0 to 1, with soft edges, in a circle that touches the sides."""
    fine = _FINER * side
    canvas = np.zeros((fine, fine), np.uint8)
    for stroke in _STROKES[name]:
        points = np.round((np.array(stroke) * 0.9 + 1) * fine / 2 * 2**_BITS).astype(np.int32)
        cv2.polylines(canvas, [points], False, 255, round(_WIDTH * fine / 2), cv2.LINE_8, _BITS)
    return cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
