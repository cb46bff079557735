"""How much each pixel of a mask weighs in the loss: more between two cells that nearly touch.

Source: O. Ronneberger, P. Fischer and T. Brox, U-Net, MICCAI 2015, equation 2.
"""

import math

import cv2
import numpy as np
from scipy import ndimage

IGNORED = 255
"""The class index of pixels that are not counted."""

_REACH = 6.0
"""In sigma: from a second cell that is further away less than 2e-8 of w_0 comes."""


def border_weights(mask: np.ndarray, balance: np.ndarray, weight: float, sigma: float) -> np.ndarray:
    """w_c + w_0 exp(-(d1 + d2)^2 / (2 sigma^2)) for each pixel of `mask`, as float32 (H, W); 0 where it is ignored.

    `mask` (H, W), uint8, holds class indices, `balance` w_c for each class; `weight` is w_0, `sigma` in pixels. d1 and
    d2 are the distances to the nearest and the second nearest cell, 0 within it; cells are the connected regions
    (neighbours share a side) of the classes other than 0. With fewer than two cells w_c is all.
    """
    counted = mask != IGNORED
    weights = np.where(counted, balance.astype(np.float32)[np.where(counted, mask, 0)], np.float32(0))
    if weight:
        first, second = two_nearest((mask != 0) & counted, _REACH * sigma)
        near = counted & np.isfinite(second)
        weights[near] += weight * np.exp(-((first[near] + second[near]) ** 2) / (2 * sigma**2))
    return weights


def two_nearest(cells: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Distances in pixels (H, W) to the nearest and the second nearest region of `cells` (H, W), boolean.

    Those beyond `reach` may be infinite: only a window of that margin around each region is looked at, which is
    what makes it fast.
    """
    labels, _ = ndimage.label(cells)
    first, second = (np.full(cells.shape, np.inf, np.float32) for _ in range(2))
    margin = math.ceil(reach)
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        window = tuple(slice(max(side.start - margin, 0), side.stop + margin) for side in box)
        outside = (labels[window] != number).astype(np.uint8)
        distance = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        # The two smallest seen so far, in place.
        np.minimum(second[window], np.maximum(first[window], distance), out=second[window])
        np.minimum(first[window], distance, out=first[window])
    return first, second
