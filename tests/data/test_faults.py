"""Faults that appear only while batches are made: a file has changed since it was read."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from kcnn.data import address
from kcnn.data.pipeline import evaluation_batches, pipeline, training_batches
from kcnn.errors import DataError
from kcnn.recipes.data import Images
from kcnn.recipes.video import Video
from tests.films import film, numbered


def a_clip(folder):
    source = address.load(Video(source=str(folder), frames=4))
    examples = source.splits["train"]
    return examples, examples.clips[3].path


def an_image(folder):
    source = address.load(Images(source=str(folder), size=16))
    examples = source.splits["train"]
    return examples, examples.items[3]


@pytest.fixture
def unkept(monkeypatch):
    """Images are decoded batch by batch."""
    monkeypatch.setattr("kcnn.data.check.IN_MEMORY", 0)


@pytest.mark.parametrize("batches", [evaluation_batches, lambda *given: training_batches(*given, 0, 0)])
def test_a_clip_that_has_gone_is_named(films, batches):
    examples, path = a_clip(films)
    if path.is_dir():
        path /= "1.png"
    path.unlink()

    with pytest.raises(DataError, match=f"^{path} \\((fewer frames than when it was first read|No such file)"):
        list(batches(examples, 4))


def test_a_clip_that_has_become_shorter_is_named(tmp_path):
    for label in ("one", "two"):
        (tmp_path / label).mkdir()
        for number in range(3):
            film(tmp_path / label / f"{number}.avi", numbered(12))
    examples, path = a_clip(tmp_path)
    film(path, numbered(3))

    with pytest.raises(DataError, match=r"\.avi \(fewer frames than when it was first read\)$"):
        list(evaluation_batches(examples, 2))


def test_an_image_that_has_been_damaged_is_named(photographs, unkept):
    examples, path = an_image(photographs)
    path.write_bytes(path.read_bytes()[:100])

    with pytest.raises(DataError, match=rf"^{path} \(truncated or damaged\)$"):
        list(evaluation_batches(examples, 4))


def test_an_image_that_has_gone_is_named(photographs, unkept):
    examples, path = an_image(photographs)
    path.unlink()

    with pytest.raises(DataError, match=rf"^{path} \(No such file or directory\)$"):
        list(evaluation_batches(examples, 4))


def test_what_was_made_before_comes_and_a_fault_is_not_taken_for_another(photographs, unkept):
    """Of two pipelines each says what it met itself."""
    examples, path = an_image(photographs)
    other = examples.items[8]
    Image.new("RGB", (9, 9)).save(photographs / "new.png")
    path.write_bytes(b"words")
    with pytest.raises(DataError, match=rf"^{path} \(not an image\)$"):
        list(evaluation_batches(examples, 1))
    path.write_bytes((photographs / "new.png").read_bytes())
    other.write_bytes(b"")

    batches, came = iter(evaluation_batches(examples, 1)), 0
    with pytest.raises(DataError, match=rf"^{other} \(empty\)$"):
        for _ in batches:
            came += 1
    assert came == 8


def test_an_error_that_is_no_fault_of_the_data_stays_what_it_is():
    def make(index):
        raise ZeroDivisionError("a mistake")

    batches = pipeline(make, range(3), 1, (tf.TensorSpec((None,), tf.float32),), None)

    with pytest.raises(tf.errors.OpError, match="a mistake"):
        list(batches)


def test_two_replicas_are_told_as_well():
    def make(index):
        if index == 2:
            raise DataError("two.png (empty)")
        return (np.ones(4, np.float32),)

    batches = iter(pipeline(make, range(3), 2, (tf.TensorSpec((None,), tf.float32),), None))

    assert [len(next(batches)[0]) for _ in range(4)] == [2, 2, 2, 2]
    with pytest.raises(DataError, match=r"^two\.png \(empty\)$"):
        next(batches)
