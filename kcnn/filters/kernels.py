"""The kernels of the lecture and of the textbooks, for correlation: none has to be flipped.

Those that blur sum to 1, those that find edges to 0. With `axes=1` a separable kernel is one row, which
`kcnn.filters.convolution.filtered` applies along both axes: less work, the same result.
"""

import numpy as np

from kcnn.errors import InputError


def box(size: int, axes: int = 2) -> np.ndarray:
    """The mean of size x size pixels."""
    return _outer(np.ones(_counted("size", size)) / size, axes)


def gaussian(sigma: float, size: int | None = None, axes: int = 2) -> np.ndarray:
    """The bell of standard deviation `sigma` pixels, cut off at four of them unless `size` is given."""
    places = _centred(_default(size, 4 * _positive("sigma", sigma)))
    bell = np.exp(-(places**2) / (2 * sigma**2))
    return _outer(bell / bell.sum(), axes)


def binomial(size: int, axes: int = 2) -> np.ndarray:
    """A row of Pascal's triangle over its sum: [1 2 1] / 4 for 3; nearly a Gaussian of variance (size - 1) / 4."""
    row = np.ones(1)
    for _ in range(_counted("size", size) - 1):
        # Halved as it grows: the triangle's own numbers leave the floats at its thousandth row.
        row = (np.pad(row, (0, 1)) + np.pad(row, (1, 0))) / 2
    return _outer(row, axes)


def sobel() -> tuple[np.ndarray, np.ndarray]:
    """The derivatives to the right and downward, times 8: central differences blurred across by [1 2 1]."""
    across = np.outer([1.0, 2, 1], [-1.0, 0, 1])
    return across, across.T


def prewitt() -> tuple[np.ndarray, np.ndarray]:
    """The derivatives to the right and downward, times 6: central differences blurred across by [1 1 1]."""
    across = np.outer([1.0, 1, 1], [-1.0, 0, 1])
    return across, across.T


def laplacian(neighbours: int = 4) -> np.ndarray:
    """The sum of the 4 or 8 neighbours less as many times the pixel: the second derivative (of 8: three times it)."""
    if neighbours not in (4, 8):
        raise InputError(f"neighbours must be 4 or 8, got {neighbours}")
    corner = float(neighbours == 8)
    return np.array([[corner, 1, corner], [1, -neighbours, 1], [corner, 1, corner]])


def laplacian_of_gaussian(sigma: float, size: int | None = None) -> np.ndarray:
    """The second derivative of the Gaussian, (r^2 / sigma^2 - 2) / sigma^2 times it; positive around a negative middle.

    What the cut-off leaves is spread so that the sum is 0.
    """
    places = _centred(_default(size, 4 * _positive("sigma", sigma)))
    squares = places[:, None] ** 2 + places**2
    bell = np.exp(-squares / (2 * sigma**2))
    curve = bell / bell.sum() * (squares / sigma**2 - 2) / sigma**2
    return curve - curve.mean()


def gabor(
    wavelength: float, angle: float, sigma: float, aspect: float = 0.5, phase: float = 0.0, size: int | None = None
) -> np.ndarray:
    """A wave under a bell: exp(-(u^2 + aspect^2 v^2) / 2 sigma^2) (cos(2 pi u / wavelength + phase) - c).

    u = x cos(angle) + y sin(angle) runs across the stripes, v along them; x is to the right, y downward; lengths are in
    pixels, angles in radians. Phase 0 is a bar, pi / 2 an edge. The constant c makes the sum 0, so that even light
    gives no answer; OpenCV's has c = 0. The size is by default three deviations to each side along the longer axis.
    Source: Daugman 1985, as a model of Hubel and Wiesel's simple cells.
    """
    for name, value in {"wavelength": wavelength, "sigma": sigma, "aspect": aspect}.items():
        _positive(name, value)
    places = _centred(_default(size, 3 * sigma / min(1.0, aspect)))
    u = places * np.cos(angle) + places[:, None] * np.sin(angle)
    v = places[:, None] * np.cos(angle) - places * np.sin(angle)
    bell = np.exp(-(u**2 + (aspect * v) ** 2) / (2 * sigma**2))
    wave = np.cos(2 * np.pi * u / wavelength + phase)
    return bell * (wave - (bell * wave).sum() / bell.sum())


def _outer(row: np.ndarray, axes: int) -> np.ndarray:
    if axes not in (1, 2):
        raise InputError(f"axes must be 1 or 2, got {axes}")
    return np.outer(row, row) if axes == 2 else row


def _centred(size: int) -> np.ndarray:
    return np.arange(size) - (size - 1) / 2


def _default(size: int | None, radius: float) -> int:
    """The given size, or the odd one that reaches `radius` to each side."""
    return 2 * int(radius + 0.5) + 1 if size is None else _counted("size", size)


def _counted(name: str, count: int) -> int:
    if count < 1:
        raise InputError(f"{name} must be at least 1, got {count}")
    return count


def _positive(name: str, value: float) -> float:
    if not 0 < value < float("inf"):
        raise InputError(f"{name} must be positive, got {value}")
    return value
