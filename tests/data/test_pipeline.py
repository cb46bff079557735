"""The pipeline's promises: the same pixels whatever the parallelism, every example exactly once."""

import numpy as np
import pytest

from kcnn.augment.albumentations import augmenter
from kcnn.data import address
from kcnn.data.pipeline import evaluation_batches, training_batches
from kcnn.errors import InputError
from kcnn.recipes.augment import Affine, ColorJitter, Erase, Flip, PadCrop
from kcnn.recipes.data import Images


@pytest.fixture(scope="module")
def source():
    return address.load(Images(source="digits", size=12))


@pytest.fixture(scope="module")
def train(source):
    return source.splits["train"]


@pytest.fixture(scope="module")
def augment(source):
    return augmenter((PadCrop(pixels=2), Flip(), Affine(shift=0.1, rotate=20)), source.example_shape)


def collect(batches):
    parts = [[tensor.numpy() for tensor in batch] for batch in batches.dataset]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def test_the_pixels_do_not_depend_on_the_number_of_workers(train, augment):
    one, four = (collect(training_batches(train, 64, 3, 1, augment, workers=n)) for n in (1, 4))
    for left, right in zip(one, four, strict=True):
        assert np.array_equal(left, right)


def test_two_runs_give_the_same_pixels_and_another_seed_or_epoch_others(train, augment):
    first = collect(training_batches(train, 64, 3, 1, augment))
    assert np.array_equal(first[0], collect(training_batches(train, 64, 3, 1, augment))[0])
    assert not np.array_equal(first[0], collect(training_batches(train, 64, 4, 1, augment))[0])
    assert not np.array_equal(first[0], collect(training_batches(train, 64, 3, 2, augment))[0])


def test_an_epoch_can_be_entered_in_the_middle(train, augment):
    whole = collect(training_batches(train, 64, 3, 1, augment))
    rest = collect(training_batches(train, 64, 3, 1, augment, start=5))
    assert np.array_equal(whole[0][-len(rest[0]) :], rest[0])
    assert 0 < len(rest[0]) < len(whole[0])


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1295, 5000])
def test_training_sees_every_example_once_in_batches_as_equal_as_can_be(train, batch_size):
    batches = training_batches(train, batch_size, 0, 0)
    sizes = [len(batch[1]) for batch in batches.dataset]
    assert sum(sizes) == len(train)
    assert max(sizes) <= batch_size
    assert max(sizes) - min(sizes) <= 1
    assert len(sizes) == batches.count
    assert np.array_equal(np.bincount(collect(batches)[1]), np.bincount(train.labels))


@pytest.mark.parametrize("replicas", [1, 2, 3])
@pytest.mark.parametrize("batch_size", [1, 7, 64, 359, 5000])
def test_evaluation_sees_every_example_once_in_order(source, batch_size, replicas):
    test = source.splits["test"]
    images, labels, weights = collect(evaluation_batches(test, batch_size, replicas))
    seen = weights > 0
    assert np.array_equal(images[seen], test.pixels)
    assert np.array_equal(labels[seen], test.labels)


@pytest.mark.parametrize("replicas", [2, 3])
def test_replicas_get_consecutive_parts_of_the_same_global_batch(train, augment, replicas):
    whole = collect(training_batches(train, 64, 3, 1, augment))
    split = training_batches(train, 64, 3, 1, augment, replicas=replicas)
    sizes = [len(batch[1]) for batch in split.dataset]
    assert len(sizes) == replicas * split.count
    assert min(sizes) > 0
    assert np.array_equal(collect(split)[0], whole[0])


def test_a_batch_too_small_for_the_replicas_is_refused(train):
    with pytest.raises(InputError, match="batch_size=1 leaves a device without an example"):
        training_batches(train, 1, 0, 0, replicas=2)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "transform",
    [PadCrop(pixels=2), Flip(), Affine(shift=0.2, rotate=20, scale=0.2, shear=10), ColorJitter(), Erase()],
)
def test_every_transform_keeps_shape_and_type_changes_pixels_and_repeats_with_its_seed(transform, channels):
    images = np.random.default_rng(0).integers(0, 256, (32, 16, 16, channels), np.uint8)
    augment = augmenter((transform,), (16, 16, channels))
    changed = augment(images, 5)
    assert changed.shape == images.shape
    assert changed.dtype == np.uint8
    assert not np.array_equal(changed, images)
    assert np.array_equal(changed, augment(images, 5))
    assert not np.array_equal(changed, augment(images, 6))


def test_no_transforms_are_no_function():
    assert augmenter((), (8, 8, 1)) is None
