"""Images as a network's weights expect them, and few of each class."""

import json
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kcnn.data import address
from kcnn.data.preprocessing import Preprocessing
from kcnn.data.source import Listing, assemble, limited
from kcnn.recipes.data import Images, Pixels

WEIGHTS = Pixels(mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 1.0), interpolation="bicubic", crop=0.875)
BLUE_FIRST = Pixels(mean=WEIGHTS.mean, std=WEIGHTS.std, order="bgr")

PILLOW = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


@pytest.fixture(scope="module")
def wavy():
    """A picture 60 x 80 of waves so short that bilinear and bicubic differ by more than two grey levels."""
    rows, columns = np.mgrid[:60, :80]
    waves = [128 + 100 * np.sin(rows / 3 + shift) * np.cos(columns / 4) for shift in range(3)]
    return np.stack(waves, -1).round().astype(np.uint8)


def resized(picture, width, height, interpolation):
    return Image.fromarray(picture).resize((width, height), PILLOW[interpolation])


def furthest(ours, pillows):
    return np.abs(ours.numpy().astype(int) - np.asarray(pillows, int)).max()


def test_crop_keeps_the_middle_of_a_larger_picture_as_pillow_does(wavy):
    fitted = Preprocessing(28, 28, 3, "cover").presenting(WEIGHTS).fitted(tf.constant(wavy))

    assert furthest(fitted, resized(wavy, 43, 32, "bicubic").crop((7, 2, 35, 30))) <= 2


def test_crop_keeps_the_middle_of_a_picture_that_stands_upright(wavy):
    upright = wavy.transpose(1, 0, 2)
    fitted = Preprocessing(28, 28, 3, "cover").presenting(WEIGHTS).fitted(tf.constant(upright))

    assert furthest(fitted, resized(upright, 32, 43, "bicubic").crop((2, 7, 30, 35))) <= 2


def test_without_crop_the_whole_short_side_is_kept(wavy):
    fitted = Preprocessing(30, 30, 3, "cover", interpolation="bicubic").fitted(tf.constant(wavy))

    assert furthest(fitted, resized(wavy, 40, 30, "bicubic").crop((5, 0, 35, 30))) <= 2


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("height", "width"), [(28, 28), (32, 43), (90, 110)])
def test_an_image_is_resized_as_pillow_does(wavy, interpolation, height, width):
    fitted = Preprocessing(height, width, 3, "stretch", interpolation=interpolation).fitted(tf.constant(wavy))
    other = "bilinear" if interpolation == "bicubic" else "bicubic"

    assert furthest(fitted, resized(wavy, width, height, interpolation)) <= 2
    assert furthest(fitted, resized(wavy, width, height, other)) > 2


@pytest.mark.parametrize("fit", ["stretch", "pad"])
def test_only_cover_crops(wavy, fit):
    cropping = Preprocessing(28, 28, 3, fit, crop=0.5).fitted(tf.constant(wavy))
    whole = Preprocessing(28, 28, 3, fit).fitted(tf.constant(wavy))

    np.testing.assert_array_equal(cropping, whole)


def test_an_image_of_the_right_size_is_left_alone_unless_it_is_cropped(wavy):
    whole, cropped = (
        Preprocessing(60, 80, 3, "cover").presenting(shown).fitted(tf.constant(wavy))
        for shown in (replace(WEIGHTS, crop=1.0), WEIGHTS)
    )

    np.testing.assert_array_equal(whole, wavy)
    assert furthest(cropped, wavy) > 2


@pytest.mark.parametrize(("side", "crop"), [(28, 1.0), (28, 0.875), (60, 1.0), (60, 0.875)])
def test_an_image_is_decoded_in_a_graph_as_it_is_outside_of_one(wavy, side, crop):
    decode = Preprocessing(side, side, 3, "cover").presenting(replace(WEIGHTS, crop=crop)).decode
    in_graph = tf.function(decode, input_signature=[tf.TensorSpec([], tf.string)])
    encoded = tf.io.encode_png(wavy[:, :60])

    np.testing.assert_array_equal(in_graph(encoded), decode(encoded))


def test_blue_first_is_standardised_by_its_own_statistics(wavy):
    rgb, bgr = (Preprocessing(60, 80, 3, "cover").presenting(shown) for shown in (WEIGHTS, BLUE_FIRST))

    np.testing.assert_array_equal(bgr.standardize(wavy[None]), rgb.standardize(wavy[None])[..., ::-1])


def test_with_blue_first_red_comes_last():
    red = np.array([[[[255, 0, 0]]]], np.uint8)
    seen = Preprocessing(1, 1, 3, "cover").presenting(BLUE_FIRST).standardize(red)

    np.testing.assert_allclose(seen[0, 0, 0], [-0.3 / 1.0, -0.2 / 0.25, (1 - 0.1) / 0.5], rtol=1e-5)


def test_presenting_changes_the_pixels_and_nothing_else():
    before = Preprocessing(28, 30, 3, "pad", mean=(0.4, 0.4, 0.4), std=(0.2, 0.2, 0.2))
    after = before.presenting(WEIGHTS)

    assert after.pixels == WEIGHTS
    assert (after.shape, after.fit) == (before.shape, before.fit)
    assert after.presenting(before.pixels) == before


def test_it_survives_json():
    made = Preprocessing(28, 28, 3, "cover").presenting(replace(WEIGHTS, order="bgr"))

    assert Preprocessing.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_json_from_before_presentations_is_read_as_it_was_meant():
    old = {"height": 8, "width": 8, "channels": 1, "fit": "pad", "mean": [0.5], "std": [0.25]}
    read = Preprocessing.from_json(old)

    assert read == Preprocessing(8, 8, 1, "pad", (0.5,), (0.25,))
    assert (read.order, read.interpolation, read.crop) == ("rgb", "bilinear", 1.0)


@pytest.mark.parametrize("wrong", [{"crop": 0.0}, {"crop": 1.01}, {"std": (0.0,)}, {"order": "gbr"}])
def test_a_presentation_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Pixels(**{"mean": (0.5,), "std": (0.5,)} | wrong)


@pytest.fixture
def images(photographs):
    return Images(source=str(photographs), size=16)


def test_given_statistics_take_the_place_of_trains(images):
    own, given = address.load(images), address.load(images, pixels=WEIGHTS)

    assert own.preprocessing.mean != WEIGHTS.mean
    assert {part.preprocessing for part in given.splits.values()} == {given.preprocessing}
    assert given.preprocessing == Preprocessing(16, 16, 3, "cover").presenting(WEIGHTS)


def test_images_are_kept_as_the_presentation_resizes_them(images):
    train = address.load(images, pixels=WEIGHTS).splits["train"]
    picture = np.asarray(Image.open(train.items[0]))
    expected = Preprocessing(16, 16, 3, "cover").presenting(WEIGHTS).fitted(tf.constant(picture))

    np.testing.assert_array_equal(train.pixels[0], expected)
    assert not np.array_equal(train.pixels[0], address.load(images).splits["train"].pixels[0])


def test_how_images_are_presented_is_no_part_of_the_fingerprint(images):
    assert address.load(images, pixels=WEIGHTS).fingerprint == address.load(images).fingerprint


def test_a_listing_is_assembled_with_the_statistics_of_train_unless_others_are_given():
    black, white = (bytes(tf.io.encode_png(np.full((4, 4, 1), level, np.uint8)).numpy()) for level in (0, 255))
    listing = Listing(("black", "white"), {"train": ([black, white], np.array([0, 1]))}, 1, (4, 4))
    recipe = Images(source="digits", validation=0.0)

    own = assemble(recipe, listing).preprocessing
    given = assemble(recipe, listing, pixels=Pixels(mean=(0.25,), std=(2.0,))).preprocessing

    assert (own.mean, own.std) == ((0.5,), (0.5,))
    assert (given.mean, given.std) == ((0.25,), (2.0,))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(1, 9), st.integers(0, 5))
def test_of_every_class_so_many_are_kept_or_all_it_has(labels, per_class, seed):
    places = np.arange(len(labels))
    items, kept = limited(places, np.array(labels), per_class, seed)

    assert np.bincount(kept, minlength=5).tolist() == np.minimum(np.bincount(labels, minlength=5), per_class).tolist()
    assert items == sorted(set(items))
    assert [labels[place] for place in items] == kept.tolist()


def test_fewer_are_a_part_of_more():
    labels = np.repeat(np.arange(3), 20)
    few, more = (set(limited(np.arange(60), labels, per_class, 0)[0]) for per_class in (4, 5))

    assert few < more


def test_the_classes_are_drawn_from_independently():
    labels = np.repeat(np.arange(2), 50)
    items, _ = limited(np.arange(100), labels, 10, 0)

    assert [place + 50 for place in items[:10]] != items[10:]


def test_a_class_has_at_most_so_many_training_images(images):
    whole, few = (address.load(replace(images, validation=0.0, per_class=number)) for number in (None, 4))

    assert np.bincount(few.splits["train"].labels).tolist() == [4, 4]
    assert set(few.splits["train"].items) < set(whole.splits["train"].items)


def test_the_test_split_of_a_folder_stays_as_it_is(images):
    whole, few = (address.load(replace(images, per_class=number)) for number in (None, 4))

    assert few.splits["test"].items == whole.splits["test"].items


def test_the_splits_of_the_user_stay_as_they_are(tmp_path):
    for split, each in (("train", 5), ("val", 4), ("test", 3)):
        for name in ("a", "b"):
            (tmp_path / split / name).mkdir(parents=True)
            for index in range(each):
                level = np.full((4, 4, 3), 40 * index + 9, np.uint8)
                Image.fromarray(level).save(tmp_path / split / name / f"{index}.png")

    few = address.load(Images(source=str(tmp_path), per_class=2))

    assert few.counts == {"train": 4, "val": 8, "test": 6}


def chosen(seed, per_class=5):
    return address.load(Images(source="digits", validation=0.0, per_class=per_class, split_seed=seed))


def test_the_same_seed_draws_the_same_examples():
    assert chosen(1).splits["train"].items == chosen(1).splits["train"].items


def test_another_seed_draws_others():
    labels = np.repeat(np.arange(2), 12)
    first, second = (limited(np.arange(24), labels, 4, seed)[0] for seed in (1, 2))

    assert first != second


def test_few_examples_have_another_fingerprint_than_all():
    assert len({chosen(0, number).fingerprint for number in (4, 5, None)}) == 3


def test_more_than_there_are_is_all_of_them(images):
    whole, many = (address.load(replace(images, per_class=number)) for number in (None, 1000))

    assert many.fingerprint == whole.fingerprint


def test_what_is_held_out_is_a_part_of_the_few(images):
    few = address.load(replace(images, validation=0.5, per_class=4))

    assert (few.counts["train"], few.counts["val"]) == (4, 4)


def test_none_of_a_class_is_refused():
    with pytest.raises(ValueError, match=r"per_class\s.*greater than 0"):
        Images(source="digits", per_class=0)


@pytest.fixture
def train(images):
    return address.load(images).splits["train"]


def test_some_examples_are_spread_over_all(train):
    places = [list(train.items).index(item) for item in train.some(5).items]

    assert (places[0], places[-1]) == (0, len(train) - 1)
    assert max(np.diff(places)) - min(np.diff(places)) <= 1


@pytest.mark.parametrize("in_memory", [True, False])
def test_some_examples_keep_their_labels_and_pixels(train, in_memory):
    whole = train if in_memory else replace(train, pixels=None)
    some = whole.some(5)
    places = np.array([list(train.items).index(item) for item in some.items])

    np.testing.assert_array_equal(some.labels, train.labels[places])
    np.testing.assert_array_equal(some.images(np.arange(5)), train.pixels[places])
    assert (some.pixels is not None) == in_memory


def test_some_examples_are_never_more_than_there_are(train):
    assert train.some(1000).items == train.items
