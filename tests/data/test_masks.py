"""Folders of images and masks as users have them, with everything that can be wrong in them."""

import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from kcnn.data import address
from kcnn.data.borders import IGNORED
from kcnn.data.masks import check_sides
from kcnn.errors import DataError, InputError
from kcnn.recipes.data import Masks


def load(path, **options):
    return address.load(Masks(source=str(path), **{"size": 16} | options))


def write(path, pixels, mode=None):
    Image.fromarray(np.asarray(pixels), mode).save(path)


def every(source):
    return [name for part in source.splits.values() for name in part.names]


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


def damage(tissue, fault):
    """Spoil the pair 4 (20 + 4 x 24 pixels)."""
    image, mask = tissue / "image" / "4.png", tissue / "label" / "4.png"
    match fault:
        case "size":
            write(mask, np.zeros((10, 12), np.uint8))
        case "no mask":
            mask.unlink()
        case "no image":
            image.unlink()
        case "value":
            write(mask, np.full((24, 24), 7, np.uint8))
        case "truncated image":
            image.write_bytes(image.read_bytes()[:200])
        case "truncated mask":
            mask.write_bytes(mask.read_bytes()[:60])
        case "empty":
            mask.write_bytes(b"")
        case "words":
            mask.write_bytes(b"these are words")
        case "colours":
            write(mask, np.random.default_rng(0).integers(0, 256, (24, 24, 3), np.uint8))
        case "mode":
            write(mask, np.zeros((24, 24, 4), np.uint8))
        case "twice":
            shutil.copy(image, tissue / "image" / "4.bmp")


FAULTS = {
    "size": r"label/4.png \(10 x 12 pixels, its image 24 x 24\)",
    "no mask": r"image/4.png \(no mask\)",
    "no image": r"label/4.png \(a mask without an image\)",
    "value": r"label/4.png \(the value 7 stands for none of the 2 classes: 0, 255\)",
    "truncated image": r"image/4.png \(truncated or damaged\)",
    "truncated mask": r"label/4.png \(truncated or damaged\)",
    "empty": r"label/4.png \(empty\)",
    "words": r"label/4.png \(not an image\)",
    "colours": r"label/4.png \(colours, where a mask has one value a pixel\)",
    "mode": r"label/4.png \(of mode RGBA, where a mask is grey or has a palette\)",
    "twice": r"image/4.png \(another file has its name up to the suffix\)",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_by_file_and_reason(tissue, fault):
    damage(tissue, fault)

    with pytest.raises(DataError, match=f"1 pair cannot be used: .*{FAULTS[fault]}; data.bad_files=skip") as refused:
        load(tissue, values=(0, 255))
    assert refused.value.exit_code == 3


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"twice"}))
def test_a_fault_can_be_left_out_and_is_noted(tissue, fault):
    damage(tissue, fault)

    source = load(tissue, values=(0, 255), bad_files="skip")

    assert sorted(every(source)) == [f"{index}.png" for index in range(10) if index != 4]
    assert len(source.notes) == 1
    assert source.notes[0].startswith("left out 1 pair: ")


def test_five_faults_are_named_and_all_are_counted(tissue):
    for index in range(7):
        (tissue / "label" / f"{index}.png").write_bytes(b"")

    with pytest.raises(DataError, match="7 pairs cannot be used: .* and 2 more"):
        load(tissue)


def test_images_too_small_for_the_network_are_named(tissue):
    splits = load(tissue).splits

    with pytest.raises(DataError, match=r"1 image cannot be used, unet needs at least 21 pixels.*0.png \(20 x 24"):
        check_sides(splits, 21, "unet")
    check_sides(splits, 20, "unet")


def test_a_class_that_one_fold_alone_has_is_a_class_in_all_of_them(tissue):
    write(tissue / "label" / "0.png", np.full((20, 24), 9, np.uint8))

    sources = [load(tissue, folds=5, fold=fold) for fold in (0, 1)]

    assert [source.classes for source in sources] == [("0", "9", "255")] * 2
    assert any("no mask of train has the class 9" in note for note in sources[0].notes)


def test_a_folder_with_images_beside_splits_is_refused(tissue):
    shutil.copytree(tissue / "image", tissue / "test" / "image")

    with pytest.raises(DataError, match="has image, label beside test: either the one or the other"):
        load(tissue)


def test_grey_levels_are_not_taken_for_classes(tissue):
    for index in range(10):
        write(tissue / "label" / f"{index}.png", np.random.default_rng(0).integers(0, 200, (20 + index, 24), np.uint8))

    with pytest.raises(DataError, match="the masks have 1[0-9]+ values .*: data.values says which of them stand for"):
        load(tissue)


def test_a_value_that_only_the_reported_masks_have_is_a_fault(tissue, tmp_path):
    for split in ("train", "test"):
        shutil.copytree(tissue, tmp_path / "own" / split)
    write(tmp_path / "own" / "test" / "label" / "0.png", np.full((20, 24), 9, np.uint8))

    with pytest.raises(DataError, match="test/label/0.png .the value 9 stands for none of the 2 classes"):
        load(tmp_path / "own")


def test_values_beyond_the_named_classes_are_faults(tissue):
    write(tissue / "label" / "4.png", np.full((24, 24), 254, np.uint8))

    with pytest.raises(DataError, match="the value 255 stands for none of the 2 classes: 0, 254"):
        load(tissue, classes=("membrane", "cell"), validation=0, folds=5)


def test_more_classes_than_values_are_refused(tissue):
    with pytest.raises(DataError, match="data.classes are 3, the masks have only the values 0, 255"):
        load(tissue, classes=("a", "b", "c"))


def test_masks_of_one_value_are_refused(tissue):
    for path in (tissue / "label").iterdir():
        write(path, np.zeros(np.asarray(Image.open(path)).shape, np.uint8))

    with pytest.raises(DataError, match="the masks have the values 0: 2 to 255 classes can be"):
        load(tissue)


def test_a_class_that_train_lacks_is_noted(tissue):
    source = load(tissue, values=(0, 128, 255), classes=("membrane", "nucleus", "cell"), balanced=True)

    assert "no mask of train has the class nucleus" in source.notes[0]
    assert np.isfinite(source.splits["train"].weights(0)).all()


def test_another_layout_is_refused_with_the_one_that_is_wanted(photographs):
    with pytest.raises(DataError, match=r"has no folder image/: wanted are image/ with label/ beside it"):
        address.check(Masks(source=str(photographs)))


def test_images_without_a_folder_of_masks_are_refused(tissue):
    shutil.rmtree(tissue / "label")
    with pytest.raises(DataError, match=r"has no folder label/"):
        address.check(Masks(source=str(tissue)))


def test_two_folders_of_masks_are_refused(tissue):
    (tissue / "masks").mkdir()
    with pytest.raises(DataError, match="has both label/ and masks/"):
        address.check(Masks(source=str(tissue)))


def test_folders_with_nothing_in_common_are_refused(tissue):
    shutil.rmtree(tissue / "label")
    (tissue / "label").mkdir()
    with pytest.raises(DataError, match="have no file in common"):
        load(tissue)


@pytest.mark.parametrize("source", ["digits", "tfds:mnist"])
def test_masks_come_from_folders(source):
    with pytest.raises(InputError, match="data.source must be a folder of images and masks"):
        address.check(Masks(source=source))


def test_a_folder_that_is_not_there_is_refused():
    with pytest.raises(DataError, match="nowhere is not there"):
        address.check(Masks(source="nowhere"))


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


def test_more_folds_than_images_are_refused(tissue):
    with pytest.raises(InputError, match="data.folds must be at most the number of images, 10, got 11"):
        load(tissue, folds=11)


def test_folds_of_a_folder_with_splits_are_refused(tissue, tmp_path):
    shutil.copytree(tissue, tmp_path / "own" / "train")
    with pytest.raises(InputError, match="data.folds cuts a folder in one piece"):
        load(tmp_path / "own", folds=2)


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
