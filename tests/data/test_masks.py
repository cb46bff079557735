"""Folders of images and masks as users have them."""

import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from kcnn.data import address
from kcnn.data.borders import IGNORED
from kcnn.recipes.data import Masks

from .masks import every, load, write


def test_a_folder_in_one_piece_is_split_into_train_val_and_test(tissue):
    source = load(tissue)

    assert source.counts == {"train": 7, "val": 1, "test": 2}
    assert source.choosing == "val"
    assert sorted(every(source)) == [f"{index}.png" for index in range(10)]
    assert (source.example_shape, source.classes, source.notes) == ((16, 16, 1), ("0", "255"), ())


@pytest.mark.parametrize(("images", "masks"), [("images", "masks"), ("image", "labels"), ("images", "mask")])
def test_the_folders_may_have_other_names(tissue, images, masks):
    (tissue / "image").rename(tissue / images)
    (tissue / "label").rename(tissue / masks)

    assert sum(load(tissue).counts.values()) == 10


@pytest.mark.parametrize(
    ("given", "counts", "choosing"),
    [
        (("train", "val"), {"train": 9, "holdout": 1, "val": 10}, "holdout"),
        (("train", "test"), {"train": 9, "val": 1, "test": 10}, "val"),
        (("train", "val", "test"), {"train": 10, "val": 10, "test": 10}, "val"),
    ],
)
def test_the_user_s_splits_are_kept(tissue, tmp_path, given, counts, choosing):
    for split in given:
        shutil.copytree(tissue, tmp_path / "own" / split)

    source = load(tmp_path / "own")

    assert (source.counts, source.choosing) == (counts, choosing)


def test_an_image_is_as_its_file_and_a_mask_is_indices_of_classes(tissue):
    train = load(tissue).splits["train"]

    for index, name in enumerate(train.names):
        image = np.asarray(Image.open(tissue / "image" / name))
        np.testing.assert_array_equal(train.image(index)[..., 0], image)
        np.testing.assert_array_equal(train.mask(index), image > 127)
        assert train.sizes[index] == image.shape
        np.testing.assert_array_equal(tf.io.decode_image(train.encoded(index)), train.image(index))


def test_the_pixels_are_standardised_by_the_images_of_train(tissue):
    source = load(tissue)
    train = source.splits["train"]
    pixels = np.concatenate([train.image(index).ravel() for index in range(len(train))]) / 255

    assert source.preprocessing.mean == pytest.approx((pixels.mean(),), abs=1e-5)
    assert source.preprocessing.std == pytest.approx((pixels.std(),), abs=1e-5)


@pytest.mark.parametrize("colours", [1, 3])
def test_the_network_s_channels_are_the_image_s_or_those_asked_for(tissue, colours):
    assert load(tissue, channels=colours).splits["train"].image(0).shape[-1] == colours


def test_values_may_be_named_and_ordered(tissue):
    train = load(tissue, values=(255, 0), classes=("cell", "membrane")).splits["train"]

    image = np.asarray(Image.open(tissue / "image" / train.names[0]))
    np.testing.assert_array_equal(train.mask(0), image <= 127)


def test_a_value_may_be_left_uncounted(tissue):
    for path in (tissue / "label").iterdir():
        mask = np.asarray(Image.open(path)).copy()
        mask[:5] = 77
        write(path, mask)

    source = load(tissue, ignore=77)
    train = source.splits["train"]

    assert source.classes == ("0", "255")
    assert (train.mask(0)[:5] == IGNORED).all()
    assert (train.weights(0)[:5] == 0).all()
    assert (train.weights(0)[5:] == 1).all()


@pytest.mark.parametrize("mode", ["1", "P", "I;16", "RGB"])
def test_masks_are_read_whatever_way_they_are_stored(tissue, mode):
    for path in (tissue / "label").iterdir():
        mask = np.asarray(Image.open(path)) > 0
        stored = {
            "1": Image.fromarray(mask),
            "P": Image.fromarray((mask * 3).astype(np.uint8), "L").convert("P"),
            "I;16": Image.fromarray((mask * 40_000).astype(np.uint16)),
            "RGB": Image.fromarray(np.stack([mask * np.uint8(9)] * 3, -1)),
        }[mode]
        if mode == "P":
            stored.putpalette([200, 0, 0] + [0, 200, 0] * 255)
        stored.save(path)

    source = load(tissue)

    assert source.classes == ("0", {"1": "1", "P": "3", "I;16": "40000", "RGB": "9"}[mode])
    train = source.splits["train"]
    np.testing.assert_array_equal(train.mask(0), train.image(0)[..., 0] > 127)


def test_tiffs_of_8_and_16_bits_are_read_and_handed_out_as_png(tissue):
    for path in list((tissue / "image").iterdir()):
        image = np.asarray(Image.open(path))
        deep = image.astype(np.uint16) * 257 if path.stem == "3" else image
        write(path.with_suffix(".tif"), deep)
        path.unlink()

    source = load(tissue, validation=0)

    for part in source.splits.values():
        for index in range(len(part)):
            np.testing.assert_array_equal(part.mask(index), part.image(index)[..., 0] > 127)
            np.testing.assert_array_equal(tf.io.decode_png(part.encoded(index)), part.image(index))


def test_a_class_that_one_fold_alone_has_is_a_class_in_all_of_them(tissue):
    write(tissue / "label" / "0.png", np.full((20, 24), 9, np.uint8))

    sources = [load(tissue, folds=5, fold=fold) for fold in (0, 1)]

    assert [source.classes for source in sources] == [("0", "9", "255")] * 2
    assert any("no mask of train has the class 9" in note for note in sources[0].notes)


def test_a_class_that_train_lacks_is_noted(tissue):
    source = load(tissue, values=(0, 128, 255), classes=("membrane", "nucleus", "cell"), balanced=True)

    assert "no mask of train has the class nucleus" in source.notes[0]
    assert np.isfinite(source.splits["train"].weights(0)).all()


def test_folds_are_runs_of_neighbours_that_cover_all(tissue):
    tests = [load(tissue, folds=3, fold=fold).splits["test"].names for fold in range(3)]

    assert tests == [("0.png", "1.png", "2.png", "3.png"), ("4.png", "5.png", "6.png"), ("7.png", "8.png", "9.png")]


def test_numbers_in_names_are_ordered_by_their_value(tissue):
    for folder in ("image", "label"):
        (tissue / folder / "0.png").rename(tissue / folder / "10.png")

    assert load(tissue, folds=5, fold=4).splits["test"].names == ("9.png", "10.png")


def test_a_fold_s_train_and_val_make_the_rest(tissue):
    source = load(tissue, folds=5, fold=1, validation=0.25)

    assert source.counts == {"train": 6, "val": 2, "test": 2}
    assert sorted(every(source)) == [f"{index}.png" for index in range(10)]


def test_the_fingerprint_is_of_content_not_of_place(tissue, tmp_path):
    before = load(tissue).fingerprint
    tissue.rename(tmp_path / "elsewhere")

    assert load(tmp_path / "elsewhere").fingerprint == before


def test_the_fingerprint_sees_one_changed_pixel_of_a_mask(tissue):
    before = load(tissue)
    mask = np.asarray(Image.open(tissue / "label" / "3.png")).copy()
    mask[0, 0] = 255 - mask[0, 0]
    write(tissue / "label" / "3.png", mask)

    after = load(tissue)

    assert after.fingerprint != before.fingerprint
    changed = [a != b for name in after.digests for a, b in zip(after.digests[name], before.digests[name], strict=True)]
    assert sum(changed) == 1


def test_the_fingerprint_sees_other_classes(tissue):
    prints = {load(tissue, values=values).fingerprint for values in ((0, 255), (255, 0))}

    assert len(prints) == 2


def test_balanced_classes_have_equal_shares_of_the_weight(tissue):
    source = load(tissue, balanced=True)
    train = source.splits["train"]
    masks = np.concatenate([train.mask(index).ravel() for index in range(len(train))])
    weights = np.concatenate([train.weights(index).ravel() for index in range(len(train))])

    assert weights.mean() == pytest.approx(1)
    assert weights[masks == 0].sum() == pytest.approx(weights[masks == 1].sum(), rel=1e-5)


def test_borders_weigh_more_where_asked(tissue):
    train = load(tissue, border_weight=10.0, border_sigma=2.0).splits["train"]

    assert train.weights(0).max() > 2
    assert train.weights(0) is train.weights(0)


def test_pairs_too_many_for_memory_are_read_at_need_to_the_same_arrays(tissue, monkeypatch):
    kept = load(tissue, border_weight=10.0).splits["train"]
    monkeypatch.setattr("kcnn.data.check.IN_MEMORY", 2000)
    lazy = load(tissue, border_weight=10.0).splits["train"]

    assert lazy.arrays is None
    for index in range(len(kept)):
        for one, other in ((kept.image, lazy.image), (kept.mask, lazy.mask), (kept.weights, lazy.weights)):
            np.testing.assert_array_equal(one(index), other(index))


@pytest.mark.parametrize("in_memory", [True, False])
def test_some_examples_are_spread_over_all_and_keep_their_masks(tissue, monkeypatch, in_memory):
    if not in_memory:
        monkeypatch.setattr("kcnn.data.check.IN_MEMORY", 0)
    train = load(tissue, folds=5).splits["train"]
    train.weights(1)
    some = train.some(3)

    places = [train.names.index(name) for name in some.names]
    assert places[0] == 0
    assert places[-1] == len(train) - 1
    for index, place in enumerate(places):
        np.testing.assert_array_equal(some.mask(index), train.mask(place))
        np.testing.assert_array_equal(some.weights(index), train.weights(place))


def test_what_is_no_image_by_its_suffix_or_hidden_is_left_out_with_a_note(tissue):
    (tissue / "image" / "notes.txt").write_text("hello")
    (tissue / "image" / ".4.png").write_bytes(b"")

    assert load(tissue).notes == (f"{tissue}: 1 files are not images by their suffix and were left out",)


def test_a_listener_hears_how_far_the_reading_is(tissue):
    heard = []
    address.load(Masks(source=str(tissue)), lambda done, total: heard.append((done, total)))

    assert heard == [(index, 10) for index in range(1, 11)]


@pytest.mark.data
def test_five_folds_of_the_membranes_are_disjoint_and_cover_all(data):
    tests = [
        load(data / "em_membranes", folds=5, fold=fold, classes=("membrane", "cell")).splits["test"]
        for fold in range(5)
    ]

    assert [len(test) for test in tests] == [6] * 5
    assert [name for test in tests for name in test.names] == [f"{index:02}.png" for index in range(30)]
    assert set(np.unique(tests[0].mask(0))) == {0, 1}
    assert tests[0].image(0).shape == (512, 512, 1)
