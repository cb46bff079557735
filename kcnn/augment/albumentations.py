"""The recipe's transforms with albumentations, a batch at a time (the only file that imports it)."""

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kcnn.augment.elastic import displacements
from kcnn.errors import InputError
from kcnn.recipes import augment as records

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import albumentations as A  # noqa: N812  (the variable must be set before; A is the library's own custom)
import cv2

# The batches are made in parallel already; OpenCV's threads would only get in their way.
cv2.setNumThreads(0)


_OF_CLIPS = 5
"""Axes of a batch of clips."""


def augmenter(transforms: Sequence[records.Transform], shape: tuple[int, ...]) -> Callable[..., Any] | None:
    """A function of images (n, height, width, channels), uint8, and a seed; None where nothing is asked for.

    Of clips (n, frames, height, width, channels) all frames are treated alike, and no two clips.
    With class indices (n, height, width), uint8, and weights (n, height, width), float32, after the seed, these move
    in step, each pixel to the nearest, and the answer is (images, classes, weights). What comes from outside of an
    image has class 0 and weight 0, except where it is mirrored.
    Equal seeds give equal images, in any thread, with and without classes.
    Raises `InputError` for a transform that cannot be made of that shape.
    """
    if not transforms:
        return None
    own = threading.local()

    def steps() -> list[A.BasicTransform]:
        return [step for record in transforms for step in _steps(record, shape[-3], shape[-2])]

    steps()  # for its errors, before the first batch

    def augment(
        images: np.ndarray, seed: int, classes: np.ndarray | None = None, weights: np.ndarray | None = None
    ) -> Any:
        # A Compose keeps its random state, so each thread has its own, seeded anew for every batch.
        if not hasattr(own, "compose"):
            own.compose = A.Compose(steps(), additional_targets={"weights": "mask"})
        own.compose.set_random_seed(seed)
        if images.ndim == _OF_CLIPS:
            return np.stack([own.compose(images=clip)["images"] for clip in images])
        if classes is None or weights is None:
            return np.stack([own.compose(image=image)["image"] for image in images])
        made = [
            own.compose(image=image, mask=mask, weights=weight)
            for image, mask, weight in zip(images, classes, weights, strict=True)
        ]
        return tuple(np.stack([each[name] for each in made]) for name in ("image", "mask", "weights"))

    return augment


class GridElastic(A.DualTransform):
    """`records.Elastic`: displaced bilinearly, masks to the nearest pixel, both mirrored at the borders."""

    _targets = (A.core.type_definitions.Targets.IMAGE, A.core.type_definitions.Targets.MASK)

    def __init__(self, sigma: float, grid: int, p: float):
        super().__init__(p=p)
        self.sigma = sigma
        self.grid = grid

    def get_params_dependent_on_data(self, params: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        """Where each pixel comes from, as OpenCV wants it."""
        height, width = params["shape"][:2]
        nodes = self.random_generator.normal(0, self.sigma, (2, self.grid, self.grid))
        rows, columns = displacements(nodes, height, width)
        rows += np.arange(height)[:, np.newaxis]
        columns += np.arange(width)
        return {"rows": rows.astype(np.float32), "columns": columns.astype(np.float32)}

    def apply(self, img: np.ndarray, rows: np.ndarray, columns: np.ndarray, **params: Any) -> np.ndarray:
        """The image, bent."""
        return _moved(img, rows, columns, cv2.INTER_LINEAR)

    def apply_to_mask(self, mask: np.ndarray, rows: np.ndarray, columns: np.ndarray, **params: Any) -> np.ndarray:
        """The mask, bent alike."""
        return _moved(mask, rows, columns, cv2.INTER_NEAREST)


def _moved(pixels: np.ndarray, rows: np.ndarray, columns: np.ndarray, interpolation: int) -> np.ndarray:
    moved = cv2.remap(pixels, columns, rows, interpolation, borderMode=cv2.BORDER_REFLECT_101)
    return moved.reshape(pixels.shape)  # OpenCV drops a single channel


def _steps(record: Any, height: int, width: int) -> list[A.BasicTransform]:
    """The transforms of albumentations for one of the recipe's."""
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
        case records.Elastic(sigma=sigma, grid=grid, probability=p):
            return [GridElastic(sigma, grid, p)]
        case records.Dihedral():
            if height != width:
                raise InputError(f"augment dihedral turns squares only, got images of {height} x {width}")
            return [A.D4(p=1.0)]
    raise TypeError(f"no albumentations transform for {type(record).__name__}")
