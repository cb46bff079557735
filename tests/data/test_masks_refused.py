"""Folders of images and masks with everything that can be wrong in them."""

import shutil

import numpy as np
import pytest
from PIL import Image

from kcnn.data import address
from kcnn.data.masks import check_sides
from kcnn.errors import DataError, InputError
from kcnn.recipes.data import Masks

from .masks import every, load, write


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


def test_more_folds_than_images_are_refused(tissue):
    with pytest.raises(InputError, match="data.folds must be at most the number of images, 10, got 11"):
        load(tissue, folds=11)


def test_folds_of_a_folder_with_splits_are_refused(tissue, tmp_path):
    shutil.copytree(tissue, tmp_path / "own" / "train")
    with pytest.raises(InputError, match="data.folds cuts a folder in one piece"):
        load(tmp_path / "own", folds=2)
