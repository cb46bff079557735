"""An image under a kernel: what blurs, edges, sharpening and templates are made of."""

import cv2
import numpy as np
from numpy.typing import ArrayLike

from kcnn.arithmetic.correlation import correlate
from kcnn.arithmetic.windows import windows_over
from kcnn.errors import InputError
from kcnn.filters.images import as_grey, as_image, faster_by

HIDDEN = 1e-6
"""An alpha, of 0..1, below which nothing is seen."""


def filtered(image: ArrayLike, kernel: ArrayLike, border: str = "reflect") -> np.ndarray:
    """Correlate an image with a kernel, each colour by itself, to an image of the same size.

    A kernel with one axis is applied along both: it stands for its outer product with itself. `border` says what is
    outside the image: "zeros", "edge", "reflect" (the edge is not repeated), "symmetric" (it is) or "wrap"; so the
    image may be smaller than the kernel. An even kernel has its larger half after the pixel.
    Raises InputError for an image or a kernel of another shape, and for an unknown border.
    """
    image, kernel = as_image(image), np.asarray(kernel, np.float64)
    if kernel.ndim not in (1, 2) or not kernel.size:
        raise InputError(f"kernel must have one or two axes, got the shape {kernel.shape}")
    kernels = [kernel[:, None], kernel[None]] if kernel.ndim == 1 else [kernel]
    for each in kernels:
        image = correlated(windows_over(image.shape[:2], each.shape, "same").padded(image, mode=border), each)
    return image


def filtered_where_opaque(
    image: ArrayLike, alpha: ArrayLike | None, kernel: ArrayLike, border: str = "reflect"
) -> np.ndarray:
    """As `filtered`, but each pixel counts by its alpha (H, W), so that hidden colours do not bleed into seen ones.

    For kernels without negative values. Where no pixel under the kernel is seen, the image stays as it is.
    """
    image = as_image(image)
    if alpha is None:
        return filtered(image, kernel, border)
    alpha = as_grey(alpha, "alpha")
    weights = alpha[..., None] if image.ndim == 3 else alpha
    seen = filtered(alpha, kernel, border).reshape(weights.shape)
    blurred = filtered(image * weights, kernel, border) / np.maximum(seen, HIDDEN)
    return np.where(seen > HIDDEN, blurred, image)


def _correlated_by_opencv(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    height, width = (size - taps + 1 for size, taps in zip(image.shape, kernel.shape, strict=False))
    return cv2.filter2D(image, -1, kernel, anchor=(0, 0))[:height, :width]


@faster_by(_correlated_by_opencv)
def correlated(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Correlate floats (H, W) or (H, W, C) with a kernel (h, w) at the places where it fits: (H - h + 1, W - w + 1).

    Raises InputError where the kernel fits nowhere.
    """
    channels = np.moveaxis(np.atleast_3d(image), -1, 0)
    made = np.stack([correlate(channel, kernel) for channel in channels], axis=-1)
    return made.reshape(*made.shape[:2], *image.shape[2:]).astype(image.dtype)
