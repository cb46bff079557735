"""Random crops: the promises of the pipeline, for images and masks."""

import numpy as np
import pytest

from kcnn.augment.albumentations import augmenter
from kcnn.data import address
from kcnn.data.borders import IGNORED
from kcnn.data.crops import training_crops
from kcnn.errors import InputError
from kcnn.recipes.augment import Affine, Dihedral, Elastic, Flip
from kcnn.recipes.data import Masks


@pytest.fixture
def train(tissue):
    return address.load(Masks(source=str(tissue), folds=5, border_weight=5.0)).splits["train"]


@pytest.fixture
def augment():
    return augmenter((Flip(), Dihedral(), Elastic(sigma=2), Affine(rotate=20)), (16, 16, 1))


def collect(batches):
    parts = [(images, truth["classes"], truth["weights"], weights) for images, truth, weights in batches]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def test_the_pixels_do_not_depend_on_the_number_of_workers(train, augment):
    one, four = (collect(training_crops(train, 16, 4, 5, 3, 1, augment, workers=n)) for n in (1, 4))

    for left, right in zip(one, four, strict=True):
        np.testing.assert_array_equal(left, right)


def test_two_runs_give_the_same_pixels_and_another_seed_or_epoch_others(train, augment):
    first = collect(training_crops(train, 16, 2, 5, 3, 1, augment))[0]

    np.testing.assert_array_equal(first, collect(training_crops(train, 16, 2, 5, 3, 1, augment))[0])
    assert not np.array_equal(first, collect(training_crops(train, 16, 2, 5, 4, 1, augment))[0])
    assert not np.array_equal(first, collect(training_crops(train, 16, 2, 5, 3, 2, augment))[0])


def test_an_epoch_can_be_entered_in_the_middle(train, augment):
    whole = collect(training_crops(train, 16, 4, 5, 3, 1, augment))
    rest = collect(training_crops(train, 16, 4, 5, 3, 1, augment, start=3))

    assert 0 < len(rest[0]) < len(whole[0])
    for left, right in zip(whole, rest, strict=True):
        np.testing.assert_array_equal(left[-len(right) :], right)


@pytest.mark.parametrize("replicas", [2, 3])
def test_replicas_get_consecutive_parts_of_the_same_global_batch(train, augment, replicas):
    whole = collect(training_crops(train, 16, 4, 6, 3, 1, augment))
    split = training_crops(train, 16, 4, 6, 3, 1, augment, replicas=replicas)
    sizes = [len(weights) for _, _, weights in split]

    assert len(sizes) == replicas * split.count
    assert min(sizes) > 0
    for left, right in zip(whole, collect(split), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("batch_size", [1, 5, 7, 1000])
def test_every_image_is_cropped_as_often_as_asked_in_batches_as_equal_as_can_be(train, batch_size):
    for index, (image, mask) in enumerate(train.arrays):
        image[:], mask[:] = index, index % 2
    batches = training_crops(train, 16, 3, batch_size, 0, 0)
    sizes = [len(weights) for _, _, weights in batches]
    images, classes, _, _ = collect(batches)

    assert np.bincount(images[:, 0, 0, 0]).tolist() == [3] * len(train)
    assert max(sizes) <= batch_size
    assert max(sizes) - min(sizes) <= 1
    assert len(sizes) == batches.count
    np.testing.assert_array_equal(classes[:, 0, 0], images[:, 0, 0, 0] % 2)


def test_a_crop_is_a_window_of_an_image_its_mask_and_its_weights(train):
    images, classes, weights, _ = collect(training_crops(train, 16, 1, 4, 0, 0))

    for image, mask, weight in zip(images, classes, weights, strict=True):
        assert any(
            np.array_equal(image, train.image(index)[row : row + 16, column : column + 16])
            and np.array_equal(mask, train.mask(index)[row : row + 16, column : column + 16])
            and np.array_equal(weight, train.weights(index)[row : row + 16, column : column + 16])
            for index, (height, width) in enumerate(train.sizes)
            for row in range(height - 15)
            for column in range(width - 15)
        )


def test_every_place_of_an_image_is_drawn(train):
    train.arrays[0][0][:] = np.arange(24)[:, np.newaxis]

    images = collect(training_crops(train.some(1), 16, 200, 50, 0, 0))[0]

    assert set(images[:, 0, 0, 0]) == set(range(24 - 16 + 1))


def test_an_image_that_is_smaller_is_mirrored_in_step_with_its_mask(train):
    images, classes, _, _ = collect(training_crops(train, 100, 1, 4, 0, 0))

    assert images.shape[1:] == (100, 100, 1)
    np.testing.assert_array_equal(classes, images[..., 0] > 127)


def test_what_is_not_counted_has_class_0_and_weight_0(train):
    for _, mask in train.arrays:
        mask[::2] = IGNORED

    _, classes, weights, _ = collect(training_crops(train, 16, 1, 4, 0, 0))

    assert classes.max() == 1
    assert (weights == 0).mean() == 0.5
    assert classes[weights == 0].max() == 0


def test_augmentation_moves_the_mask_with_the_image(train, augment):
    images, classes, weights, _ = collect(training_crops(train, 16, 2, 4, 0, 0, augment))
    plain, _, _, _ = collect(training_crops(train, 16, 2, 4, 0, 0))

    assert not np.array_equal(images, plain)
    assert (classes.dtype, weights.dtype, weights.shape) == (np.uint8, np.float32, classes.shape)
    inside = weights > 0
    bright = images[..., 0][inside & (classes == 1)].mean()
    assert bright - images[..., 0][inside & (classes == 0)].mean() > 40


def test_a_batch_too_small_for_the_replicas_is_refused(train):
    with pytest.raises(InputError, match="batch_size=1 leaves a device without an example"):
        training_crops(train, 16, 1, 1, 0, 0, replicas=2)
