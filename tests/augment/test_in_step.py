"""Class indices and weights move as their image does."""

import numpy as np
import pytest
from scipy import ndimage

from kcnn.augment.albumentations import augmenter
from kcnn.errors import InputError
from kcnn.recipes.augment import Affine, ColorJitter, Dihedral, Elastic, Erase, Flip, PadCrop

GEOMETRIC = {
    "pad_crop": PadCrop(pixels=8),
    "flip": Flip(),
    "affine": Affine(shift=0.1, rotate=25, scale=0.2, shear=10),
    "elastic": Elastic(sigma=4),
    "dihedral": Dihedral(),
}
BLANK = {"pad_crop", "affine"}
"""Those that bring in what is no image."""


@pytest.fixture(scope="module")
def pictures():
    """Smooth pictures (8, 64, 64, 1), in which few pixels lie near the threshold."""
    noise = np.random.default_rng(0).normal(size=(8, 64, 64))
    smooth = np.stack([ndimage.gaussian_filter(one, 4, mode="wrap") for one in noise])
    return np.round(127.5 + 127.5 * np.tanh(3 * smooth / smooth.std())).astype(np.uint8)[..., np.newaxis]


def truth(images):
    classes = (images[..., 0] > 127).astype(np.uint8)
    return classes, np.where(classes, np.float32(2.5), np.float32(0.5))


@pytest.mark.parametrize("name", GEOMETRIC)
def test_a_mask_of_what_is_bright_stays_one(pictures, name):
    augment = augmenter((GEOMETRIC[name],), (64, 64, 1))

    images, classes, weights = augment(pictures, 3, *truth(pictures))

    assert (images.shape, classes.shape, weights.shape) == (pictures.shape, pictures.shape[:3], pictures.shape[:3])
    assert (images.dtype, classes.dtype, weights.dtype) == (np.uint8, np.uint8, np.float32)
    assert not np.array_equal(images, pictures)
    counted = weights > 0
    assert counted.all() != (name in BLANK)
    # Images are interpolated, masks are not: they may differ on the edge between the classes.
    tolerance = 0 if name in ("pad_crop", "flip", "dihedral") else 0.03
    assert (classes != truth(images)[0])[counted].mean() <= tolerance
    np.testing.assert_array_equal(weights[counted], np.where(classes, 2.5, 0.5)[counted])
    assert not classes[~counted].any()


@pytest.mark.parametrize("transform", [*GEOMETRIC.values(), ColorJitter(), Erase()], ids=lambda one: one.kind)
def test_an_image_is_the_same_with_and_without_classes_and_for_equal_seeds(pictures, transform):
    augment = augmenter((transform,), (64, 64, 1))
    first, second, other = (augment(pictures, seed, *truth(pictures)) for seed in (5, 5, 6))

    for one, again in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, again)
    np.testing.assert_array_equal(first[0], augment(pictures, 5))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("transform", [ColorJitter(), Erase()], ids=lambda one: one.kind)
@pytest.mark.parametrize("channels", [1, 3])
def test_colours_and_holes_change_the_image_alone(pictures, transform, channels):
    coloured = np.repeat(pictures, channels, axis=-1)
    images, classes, weights = augmenter((transform,), (64, 64, channels))(coloured, 1, *truth(pictures))

    assert not np.array_equal(images, coloured)
    np.testing.assert_array_equal(classes, truth(pictures)[0])
    np.testing.assert_array_equal(weights, truth(pictures)[1])


def test_all_eight_turns_and_mirrorings_occur_alike():
    square = np.arange(9, dtype=np.uint8).reshape(1, 3, 3, 1)
    made = augmenter((Dihedral(),), (3, 3, 1))(np.repeat(square, 800, axis=0), 0)
    turns = [np.rot90(side, turn) for side in (square[0, :, :, 0], square[0, :, :, 0].T) for turn in range(4)]

    counts = [sum(np.array_equal(one[..., 0], turn) for one in made) for turn in turns]

    assert sum(counts) == 800
    assert min(counts) > 60


def test_what_is_not_square_cannot_be_turned():
    with pytest.raises(InputError, match="augment dihedral turns squares only, got images of 20 x 30"):
        augmenter((Dihedral(),), (20, 30, 1))


@pytest.mark.parametrize("shape", [(20, 30, 1), (30, 20, 3)])
def test_what_is_not_square_can_be_bent(shape):
    images = np.random.default_rng(0).integers(0, 256, (4, *shape), np.uint8)

    assert augmenter((Elastic(),), shape)(images, 0).shape == images.shape


def test_with_probability_0_nothing_is_bent(pictures):
    np.testing.assert_array_equal(augmenter((Elastic(probability=0),), (64, 64, 1))(pictures, 0), pictures)
