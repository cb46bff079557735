"""The two real photographs that come with scikit-learn, as floats."""

from functools import cache
from typing import Literal

import numpy as np
from sklearn.datasets import load_sample_image

from kcnn.filters.pictures import grey

Name = Literal["china", "flower"]
NAMES: tuple[Name, ...] = ("china", "flower")


@cache
def photograph(name: Name) -> np.ndarray:
    """A temple or a flower (427, 640, 3), in 0..1. Source: scikit-learn's sample images (CC BY)."""
    return np.asarray(load_sample_image(f"{name}.jpg"), np.float64) / 255


def grey_photograph(name: Name) -> np.ndarray:
    """Its luminance (427, 640), in 0..1."""
    return grey(photograph(name))
