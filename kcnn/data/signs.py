"""Ten signs of lines and areas, told apart however they are turned, and seen to turn."""

import cv2
import numpy as np

Points = tuple[tuple[float, float], ...]


def _arc(x: float, y: float, radius: float, begin: float = 0.0, end: float = 2 * np.pi) -> Points:
    """Points on a circle, from one angle to another."""
    return tuple((x + radius * np.cos(angle), y + radius * np.sin(angle)) for angle in np.linspace(begin, end, 25))


_LINES: dict[str, tuple[Points, ...]] = {
    "bar": (((-0.85, 0), (0.85, 0)),),
    "cross": (((-0.8, 0), (0.8, 0)), ((0, -0.8), (0, 0.8))),
    "pin": (((0, 0), (0, 0.9)),),
    "ring": (_arc(0, 0, 0.75, 0.6, 2 * np.pi - 0.6),),
    "square": (((-0.6, -0.6), (0.6, -0.6), (0.6, 0.6), (-0.6, 0.6), (-0.6, -0.6)),),
    "zigzag": (((-0.7, 0.7), (-0.35, -0.7), (0.35, 0.7), (0.7, -0.7)),),
}
"""From point to point, (x, y), y pointing down, in a circle of radius 1."""

_AREAS: dict[str, tuple[Points, ...]] = {
    "half": (_arc(0, -0.35, 0.85, 0, np.pi),),
    "pair": (_arc(-0.55, 0, 0.36), _arc(0.55, 0, 0.36)),
    "pin": (_arc(0, -0.4, 0.45),),
    "triangle": (((0, -0.85), (0.74, 0.5), (-0.74, 0.5)),),
    "trio": (_arc(0, -0.6, 0.32), _arc(-0.55, 0.45, 0.32), _arc(0.55, 0.45, 0.32)),
}

SIGNS = tuple(sorted({*_LINES, *_AREAS}))

_FINER, _BITS, _WIDTH = 8, 4, 0.26


def drawn(name: str, side: int) -> np.ndarray:
    """A sign (side, side), float32, 0 to 1, with soft edges, in a circle that nearly touches the sides."""
    fine = _FINER * side
    canvas = np.zeros((fine, fine), np.uint8)

    def placed(points: Points) -> np.ndarray:
        return np.round((np.array(points) * 0.9 + 1) * fine / 2 * 2**_BITS).astype(np.int32)

    for line in _LINES.get(name, ()):
        cv2.polylines(canvas, [placed(line)], False, 255, round(_WIDTH * fine / 2), cv2.LINE_8, _BITS)
    for area in _AREAS.get(name, ()):
        cv2.fillPoly(canvas, [placed(area)], 255, cv2.LINE_8, _BITS)
    return cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
