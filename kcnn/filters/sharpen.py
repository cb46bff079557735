"""Sharpening: an image less its blur is its detail, of which more is added."""

import numpy as np
from numpy.typing import ArrayLike

from kcnn.filters.convolution import filtered_where_opaque
from kcnn.filters.images import as_image


def unsharp(
    image: ArrayLike, amount: float, kernel: ArrayLike, border: str = "reflect", alpha: ArrayLike | None = None
) -> np.ndarray:
    """The unsharp mask x + amount (x - kernel * x); `amount` is the lecture's beta, the kernel one that blurs.

    With `alpha` (H, W) the blur is of what is seen. Beside edges the result may leave 0..1.
    Raises InputError as `filtered` does.
    """
    image = as_image(image)
    return image + amount * (image - filtered_where_opaque(image, alpha, kernel, border))
