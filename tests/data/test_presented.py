"""Images as a network's weights expect them, and few of each class."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from kcnn.data import address
from kcnn.data.preprocessing import Preprocessing
from kcnn.recipes.data import Images, Pixels

WEIGHTS = Pixels(mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 1.0), interpolation="bicubic", crop=0.875)


@pytest.fixture(scope="module")
def smooth():
    """A picture 60 x 80 without sharp edges."""
    rows, columns = np.mgrid[:60, :80]
    waves = [128 + 100 * np.sin(rows / 9 + shift) * np.cos(columns / 11) for shift in range(3)]
    return np.stack(waves, -1).round().astype(np.uint8)


def test_crop_keeps_the_middle_of_a_larger_picture_as_pillow_does(smooth):
    fitted = Preprocessing(28, 28, 3, "cover").presenting(WEIGHTS).fitted(tf.constant(smooth)).numpy()
    resized = Image.fromarray(smooth).resize((43, 32), Image.BICUBIC)
    expected = np.asarray(resized.crop((7, 2, 35, 30)), int)

    assert np.abs(fitted - expected).max() <= 2


def test_an_image_of_the_right_size_is_left_alone(smooth):
    fit = Preprocessing(60, 80, 3, "cover").presenting(WEIGHTS).fitted

    np.testing.assert_array_equal(fit(tf.constant(smooth)), smooth)


def test_blue_first_is_standardised_by_its_own_statistics(smooth):
    rgb = Preprocessing(60, 80, 3, "cover").presenting(WEIGHTS)
    bgr = Preprocessing(60, 80, 3, "cover").presenting(Pixels(mean=WEIGHTS.mean, std=WEIGHTS.std, order="bgr"))

    np.testing.assert_array_equal(bgr.standardize(smooth[None]), rgb.standardize(smooth[None])[..., ::-1])


def test_it_survives_json_and_older_json_is_read():
    made = Preprocessing(28, 28, 3, "cover").presenting(WEIGHTS)
    old = {"height": 8, "width": 8, "channels": 1, "fit": "pad", "mean": [0.5], "std": [0.25]}

    assert Preprocessing.from_json(made.to_json()) == made
    assert made.pixels == WEIGHTS
    assert Preprocessing.from_json(old) == Preprocessing(8, 8, 1, "pad", (0.5,), (0.25,))


def test_given_statistics_take_the_place_of_trains(photographs):
    images = Images(source=str(photographs), size=16)
    own, given = address.load(images), address.load(images, pixels=WEIGHTS)

    assert given.preprocessing.mean == WEIGHTS.mean != own.preprocessing.mean
    assert given.fingerprint == own.fingerprint


def test_a_class_has_at_most_so_many_training_images(photographs):
    whole = address.load(Images(source=str(photographs), size=16, validation=0.0))
    few = address.load(Images(source=str(photographs), size=16, validation=0.0, per_class=4))

    assert np.bincount(few.splits["train"].labels).tolist() == [4, 4]
    assert few.counts["test"] == whole.counts["test"]
    assert set(few.splits["train"].items) < set(whole.splits["train"].items)


def test_which_they_are_depends_on_the_split_seed_alone(photographs):
    def chosen(seed):
        return address.load(Images(source="digits", per_class=5, split_seed=seed)).fingerprint

    assert chosen(1) == chosen(1) != chosen(2)


def test_more_than_there_are_is_all_of_them(photographs):
    whole, limited = (address.load(Images(source=str(photographs), size=16, per_class=n)) for n in (None, 1000))

    assert limited.fingerprint == whole.fingerprint


def test_what_is_held_out_is_a_part_of_the_few(photographs):
    few = address.load(Images(source=str(photographs), size=16, validation=0.5, per_class=4))

    assert (few.counts["train"], few.counts["val"]) == (4, 4)


def test_some_examples_are_spread_over_all(photographs):
    train = address.load(Images(source=str(photographs), size=16)).splits["train"]
    some = train.some(5)

    assert len(some) == 5
    assert some.items[0] == train.items[0]
    assert some.items[-1] == train.items[-1]
    middle = list(train.items).index(some.items[2])
    np.testing.assert_array_equal(some.images(np.array([2])), train.images(np.array([middle])))
    assert some.labels[2] == train.labels[middle]
    assert len(train.some(1000)) == len(train)
