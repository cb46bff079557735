"""Images that are read a pixel a step: the embedded digits, and MNIST where it is."""

from dataclasses import replace

import numpy as np
import pytest

from kcnn.data import address
from kcnn.data.scanned import scanned
from kcnn.errors import DataError, InputError
from kcnn.recipes.data import Images
from kcnn.recipes.series import Series


@pytest.fixture(scope="module")
def digits():
    return address.load(Images(source="digits"))


def read(images, **options):
    return scanned(Series(source="tfds:digits", task="classification", **options), images)


def seen(source, split, count=3):
    """What the network is given of the first series of a split."""
    part = source.splits[split]
    return source.preprocessing.standardize(source.preprocessing.fitted(part.inputs(np.arange(count)))).numpy()


def test_an_image_is_read_row_by_row_a_pixel_a_step(digits):
    source = read(digits)

    for split, part in source.splits.items():
        images = digits.splits[split]
        np.testing.assert_array_equal(part.values, images.pixels.reshape(len(images), 64, 1))
        np.testing.assert_array_equal(part.truths, images.labels)
        np.testing.assert_array_equal(part.values[0, 8:16, 0], images.pixels[0, 1, :, 0])


def test_splits_classes_and_fingerprint_are_those_of_the_images(digits):
    source = read(digits)

    assert (source.counts, source.classes, source.choosing) == (digits.counts, digits.classes, digits.choosing)
    assert (source.fingerprint, source.digests) == (digits.fingerprint, digits.digests)
    assert (source.example_shape, source.options) == ((64, 1), {"answer": "last"})


def test_a_pixel_is_standardised_as_in_an_image(digits):
    source = read(digits)

    images = digits.preprocessing.standardize(digits.splits["test"].pixels[:3]).numpy()
    np.testing.assert_allclose(seen(source, "test"), images.reshape(3, 64, 1), rtol=1e-4, atol=1e-5)


def test_one_permutation_mixes_the_steps_of_every_split(digits):
    plain, mixed = read(digits), read(digits, permuted=True)
    order = np.array(mixed.preprocessing.order)

    assert sorted(order) == list(range(64))
    assert not np.array_equal(order, np.arange(64))
    for split in plain.splits:
        np.testing.assert_array_equal(mixed.splits[split].values, plain.splits[split].values)
        np.testing.assert_array_equal(seen(mixed, split), seen(plain, split)[:, order])


def test_the_permutation_is_written_down_with_the_preparation(digits):
    mixed = read(digits, permuted=True).preprocessing

    assert tuple(mixed.to_json()["order"]) == mixed.order
    assert type(mixed).from_json(mixed.to_json()) == mixed


def test_the_permutation_is_drawn_with_the_seed(digits):
    orders = [read(digits, permuted=True, split_seed=seed).preprocessing.order for seed in (0, 0, 1)]

    assert orders[0] == orders[1] != orders[2]


def test_of_colours_every_pixel_has_three_channels(photographs):
    images = address.load(Images(source=str(photographs), size=6))
    source = read(images)

    assert source.example_shape == (36, 3)
    np.testing.assert_array_equal(source.splits["train"].values[0, 7], images.splits["train"].pixels[0, 1, 1])
    expected = images.preprocessing.standardize(images.splits["train"].pixels[:3]).numpy().reshape(3, 36, 3)
    np.testing.assert_allclose(seen(source, "train"), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("length", [20, 70])
def test_of_a_longer_image_the_last_pixels_are_seen_and_a_shorter_one_begins_with_nothing(digits, length):
    source = read(digits, length=length)

    assert source.example_shape == (length, 1)
    common = min(length, 64)
    np.testing.assert_array_equal(seen(source, "test")[:, -common:], seen(read(digits), "test")[:, -common:])
    np.testing.assert_array_equal(seen(source, "test")[:, :-common], 0)


def test_images_that_do_not_fit_into_memory_are_refused(digits):
    large = replace(digits, splits={name: replace(part, pixels=None) for name, part in digits.splits.items()})

    with pytest.raises(DataError, match="tfds:digits: train does not fit into memory, as series must"):
        read(large)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"source": "tfds:mnist", "task": "labelling"}, "data.task of tfds:mnist must be classification, got l"),
        ({"source": "tfds:", "task": "classification"}, "data.source must name a dataset after tfds:"),
        (
            {"source": "tfds:mnist", "task": "classification", "permuted": True, "length": 100},
            "data.length cuts what data.permuted has mixed",
        ),
    ],
)
def test_what_cannot_be_read_pixel_by_pixel_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        address.check(Series(**options))


@pytest.mark.data
@pytest.mark.slow
def test_mnist_is_784_steps_of_one_channel(data):
    source = address.load(Series(source="tfds:mnist", task="classification", permuted=True))

    assert source.counts["train"] + source.counts["val"] == 60_000
    assert source.counts["test"] == 10_000
    assert source.example_shape == (784, 1)
    assert source.classes == tuple(map(str, range(10)))
