"""The recipe's transforms with albumentations, a batch at a time (the only file that imports it)."""

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kcnn.recipes import augment as records

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import albumentations as A  # noqa: N812  (the variable must be set before; A is the library's own custom)
import cv2

# The batches are made in parallel already; OpenCV's threads would only get in their way.
cv2.setNumThreads(0)


def augmenter(
    transforms: Sequence[records.Transform], shape: tuple[int, int, int]
) -> Callable[[np.ndarray, int], np.ndarray] | None:
    """A function of images (n, height, width, channels), uint8, and a seed; None where nothing is asked for.

    Equal seeds give equal images, in any thread.
    """
    if not transforms:
        return None
    own = threading.local()

    def augment(images: np.ndarray, seed: int) -> np.ndarray:
        # A Compose keeps its random state, so each thread has its own, seeded anew for every batch.
        if not hasattr(own, "compose"):
            own.compose = A.Compose([step for record in transforms for step in _steps(record, shape)])
        own.compose.set_random_seed(seed)
        return np.stack([own.compose(image=image)["image"] for image in images])

    return augment


def _steps(record: Any, shape: tuple[int, int, int]) -> list[A.BasicTransform]:
    """The transforms of albumentations for one of the recipe's."""
    height, width, _ = shape
    match record:
        case records.PadCrop(pixels=pixels):
            return [
                A.Pad(padding=pixels, border_mode=cv2.BORDER_CONSTANT, fill=0, p=1.0),
                A.RandomCrop(height, width, p=1.0),
            ]
        case records.Flip(probability=p):
            return [A.HorizontalFlip(p=p)]
        case records.Affine(shift=shift, rotate=rotate, scale=scale, shear=shear, probability=p):
            return [
                A.Affine(
                    translate_percent=(-shift, shift),
                    rotate=(-rotate, rotate),
                    scale=(1 - scale, 1 + scale),
                    shear=(-shear, shear),
                    border_mode=cv2.BORDER_CONSTANT,
                    fill=0,
                    p=p,
                )
            ]
        case records.ColorJitter(brightness=b, contrast=c, saturation=s, hue=h, probability=p):
            return [A.ColorJitter(brightness=b, contrast=c, saturation=s, hue=h, p=p)]
        case records.Erase(side=side, probability=p):
            return [
                A.CoarseDropout(
                    num_holes_range=(1, 1), hole_height_range=(side, side), hole_width_range=(side, side), p=p
                )
            ]
    raise TypeError(f"no albumentations transform for {type(record).__name__}")
