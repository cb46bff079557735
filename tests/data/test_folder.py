"""Class folders as users have them, with everything that can be wrong in them."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from kcnn.data import address
from kcnn.errors import DataError
from kcnn.recipes.data import Images


def write(path, seed=0, size=(12, 10)):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    encode = tf.io.encode_png if path.suffix == ".png" else tf.io.encode_jpeg
    path.write_bytes(encode(image).numpy())


@pytest.fixture
def photos(tmp_path):
    """Two classes of ten images."""
    for number in range(10):
        write(tmp_path / "photos" / "ant" / f"{number}.jpg", number)
        write(tmp_path / "photos" / "bee" / f"{number}.png", 100 + number)
    return tmp_path / "photos"


def load(path, **options):
    return address.load(Images(source=str(path), **{"size": 8} | options))


def test_a_flat_folder_is_split_into_train_val_and_test(photos):
    source = load(photos)
    assert source.classes == ("ant", "bee")
    assert source.counts == {"train": 14, "val": 2, "test": 4}
    assert source.example_shape == (8, 8, 3)


def test_where_val_is_what_is_reported_choices_are_made_on_a_part_of_train(photos, tmp_path):
    shutil.copytree(photos, tmp_path / "split" / "train")
    shutil.copytree(photos, tmp_path / "split" / "val")
    source = load(tmp_path / "split")
    assert source.counts == {"train": 18, "holdout": 2, "val": 20}
    assert source.choosing == "holdout"


def test_where_the_user_gives_val_and_test_choices_are_made_on_val(photos, tmp_path):
    for split in ("train", "val", "test"):
        shutil.copytree(photos, tmp_path / "split" / split)
    source = load(tmp_path / "split")
    assert source.counts == {"train": 20, "val": 20, "test": 20}
    assert source.choosing == "val"


def test_the_fingerprint_does_not_depend_on_where_the_folder_lies(photos, tmp_path):
    before = load(photos).fingerprint
    photos.rename(tmp_path / "elsewhere")
    assert load(tmp_path / "elsewhere").fingerprint == before


def test_the_fingerprint_sees_a_changed_image(photos):
    before = load(photos).fingerprint
    write(photos / "ant" / "3.jpg", 999)
    assert load(photos).fingerprint != before


def test_without_a_size_images_of_one_size_are_taken_as_they_are(photos):
    assert load(photos, size=None).example_shape == (12, 10, 3)


def test_without_a_size_images_of_several_sizes_are_refused_by_name(photos):
    write(photos / "ant" / "11.jpg", size=(9, 9))
    with pytest.raises(DataError, match=r"11.jpg \(9 x 9 pixels where the first has 12 x 10: set data.size\)"):
        load(photos, size=None)


BAD = {"empty.jpg": b"", "text.jpg": b"these are words", "cut.jpg": None}


@pytest.mark.parametrize(
    ("name", "reason"),
    [("empty.jpg", "empty"), ("text.jpg", "not an image"), ("cut.jpg", "truncated or damaged")],
)
def test_a_bad_file_is_refused_by_name_and_reason(photos, name, reason):
    content = BAD[name] if BAD[name] is not None else (photos / "ant" / "0.jpg").read_bytes()[:150]
    (photos / "ant" / name).write_bytes(content)
    with pytest.raises(DataError) as refused:
        load(photos)
    assert f"{name} ({reason})" in str(refused.value)
    assert "1 image cannot be used" in str(refused.value)


def test_bad_files_can_be_left_out_and_are_counted_and_named(photos):
    for name in ("empty.jpg", "text.jpg"):
        (photos / "ant" / name).write_bytes(BAD[name])
    source = load(photos, bad_files="skip")
    assert sum(source.counts.values()) == 20
    assert "left out 2 images" in source.notes[0]
    assert "empty.jpg" in source.notes[0]


def test_what_is_left_after_skipping_is_the_right_image_with_the_right_label(photos):
    (photos / "ant" / "00.jpg").write_bytes(b"")  # sorts before the others: a shift would show
    source = load(photos, bad_files="skip", validation=0)
    for examples in source.splits.values():
        for index, item in enumerate(examples.items):
            assert source.classes[examples.labels[index]] == item.parent.name
            decoded = examples.preprocessing.decode(item.read_bytes()).numpy()
            assert np.array_equal(examples.images(np.array([index]))[0], decoded)


def test_a_file_that_is_no_image_by_its_suffix_is_named_in_a_note(photos):
    (photos / "ant" / "notes.txt").write_text("hello")
    assert "1 files are not images" in load(photos).notes[0]


def test_a_folder_without_classes_is_refused(tmp_path):
    with pytest.raises(DataError, match="has no class folders"):
        load(tmp_path)


def test_one_class_is_refused(photos):
    shutil.rmtree(photos / "bee")
    with pytest.raises(DataError, match="has only the class 'ant'"):
        load(photos)


def test_a_class_without_images_is_refused(photos):
    (photos / "cat").mkdir()
    with pytest.raises(DataError, match="cat has no images"):
        load(photos)


def test_a_class_whose_images_are_all_bad_is_refused_even_when_skipping(photos):
    (photos / "cat").mkdir()
    (photos / "cat" / "a.jpg").write_bytes(b"")
    with pytest.raises(DataError, match="no training images are left of cat"):
        load(photos, bad_files="skip")


def test_splits_with_different_classes_are_refused(photos, tmp_path):
    shutil.copytree(photos, tmp_path / "split" / "train")
    shutil.copytree(photos, tmp_path / "split" / "val")
    write(tmp_path / "split" / "val" / "cat" / "a.jpg")
    with pytest.raises(DataError, match="differ in the classes cat"):
        load(tmp_path / "split")


def test_images_too_many_for_memory_are_decoded_batch_by_batch_to_the_same_pixels(photos, monkeypatch):
    kept = load(photos).splits["train"]
    monkeypatch.setattr("kcnn.data.check.IN_MEMORY", 0)
    lazy = load(photos).splits["train"]
    assert lazy.pixels is None
    chosen = np.array([3, 0, 7])
    assert np.array_equal(lazy.images(chosen), kept.images(chosen))


def test_what_lies_in_hidden_folders_is_no_image_of_a_class(photographs):
    hidden = photographs / "red" / ".ipynb_checkpoints"
    hidden.mkdir()
    (hidden / "copy.png").write_bytes((photographs / "red" / "0.png").read_bytes())
    source = address.load(Images(source=str(photographs), size=8))
    assert sum(source.counts.values()) == 24


@pytest.mark.parametrize("name", ["valid", "Validation", "training"])
def test_a_split_by_another_name_is_not_taken_for_a_class_or_passed_over(photographs, name):
    (photographs / "red").rename(photographs / name)
    with pytest.raises(DataError, match="knows splits as train, val and test"):
        address.load(Images(source=str(photographs)))
