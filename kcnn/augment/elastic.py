"""Smooth random displacements, in NumPy."""

from functools import lru_cache

import numpy as np


def displacements(nodes: np.ndarray, height: int, width: int) -> np.ndarray:
    """Displacements (…, height, width) of every pixel, bicubically interpolated from those at nodes (…, n, n).

    The outer nodes lie on the corner pixels. Keys's kernel with a = -1/2: at a node the displacement is the node's.
    """
    return interpolation(height, nodes.shape[-2]) @ nodes @ interpolation(width, nodes.shape[-1]).T


@lru_cache(maxsize=16)
def interpolation(length: int, nodes: int) -> np.ndarray:
    """The matrix (length, nodes) that interpolates cubically; beyond the outer nodes their value goes on.

    Source: R. Keys, Cubic Convolution Interpolation for Digital Image Processing, 1981.
    """
    places = np.linspace(0, nodes - 1, length)
    neighbours = np.floor(places)[:, np.newaxis].astype(int) + np.arange(-1, 3)
    weights = _keys(np.abs(places[:, np.newaxis] - neighbours))
    matrix = np.zeros((length, nodes))
    np.add.at(matrix, (np.arange(length)[:, np.newaxis], neighbours.clip(0, nodes - 1)), weights)
    return matrix


def _keys(distance: np.ndarray) -> np.ndarray:
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0))
