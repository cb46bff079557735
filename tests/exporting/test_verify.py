"""A SavedModel is published only if it answers as the model does."""

import math

import numpy as np
import pytest
import tensorflow as tf

from kcnn.exporting.classifier import Classifier
from kcnn.exporting.saved_model import write
from kcnn.exporting.verify import LEVELS, TIES, TOLERANCE, Case, verify

from .conftest import CLASSES, PREPROCESSING, network, pictures

IMAGES = pictures(5)


def encode(images):
    return [tf.io.encode_png(image).numpy() for image in images]


@pytest.fixture(scope="module")
def path(model, tmp_path_factory):
    """The SavedModel of `model`."""
    return write(Classifier(model, PREPROCESSING, CLASSES), tmp_path_factory.mktemp("export"))


def prove(path, model, classes=CLASSES, images=IMAGES, encoded=None):
    """The proof of both signatures, as a run's export makes it."""
    probabilities = tf.nn.softmax(model(PREPROCESSING.standardize(images), training=False)).numpy()
    names = np.array([name.encode() for name in classes], object)
    expected = {"probabilities": probabilities, "class_names": np.tile(names, (len(images), 1))}
    cases = [
        Case("serving_default", {"images": images}, expected),
        Case("serving_bytes", {"image_bytes": encode(images) if encoded is None else encoded}, expected),
    ]
    return verify(path, len(images), cases)


def test_a_savedmodel_of_the_model_holds_over_all_examples(path, model):
    proof = prove(path, model)
    assert proof.holds
    assert proof.examples == 5
    assert proof.difference <= TOLERANCE


def test_a_savedmodel_of_other_weights_does_not_hold(path):
    proof = prove(path, network(seed=1))
    assert not proof.holds
    assert proof.difference > 0.01
    assert len(proof.faults) == 2


def test_one_wrong_example_among_many_is_enough(path, model):
    files = encode(IMAGES)
    files[3] = files[0]
    proof = prove(path, model, encoded=files)
    assert len(proof.faults) == 1
    assert proof.faults[0].startswith("probabilities of serving_bytes differs by")


def test_a_model_that_answers_nan_does_not_hold_although_both_agree(tmp_path):
    model = network()
    model.set_weights([np.full_like(weights, np.nan) for weights in model.get_weights()])
    proof = prove(write(Classifier(model, PREPROCESSING, CLASSES), tmp_path), model)
    assert not proof.holds
    assert math.isinf(proof.difference)


@pytest.mark.parametrize("classes", [("bee", "ant", "käfer"), ("ant", "bee", "kafer"), ("ant", "bee")])
def test_other_class_names_do_not_hold(path, model, classes):
    assert not prove(path, model, classes).holds


class Fixed(tf.Module):
    """Answers the same to whatever it is asked."""

    signatures = ("serving_default",)

    def __init__(self, **answers):
        super().__init__()
        self._answers = answers
        asked = tf.TensorSpec([None], tf.float32, "asked")
        self.serving_default = tf.function(self._all, input_signature=[asked], autograph=False)

    def _all(self, asked):
        return {name: tf.constant(value) for name, value in self._answers.items()}


def held(folder, expected, unit=None, **answers):
    case = Case("serving_default", {"asked": [0.0]}, expected, unit or {})
    return verify(write(Fixed(**answers), folder), 1, [case])


@pytest.mark.parametrize(("levels", "holds"), [(0, True), (LEVELS, True), (LEVELS + 1, False)])
@pytest.mark.parametrize("as_file", [False, True])
def test_an_image_may_differ_by_a_level_of_rounding_and_no_more(tmp_path, levels, holds, as_file):
    image = pictures(1, channels=1)[0] // 2
    other = image.copy()
    other[2, 3] += levels
    name, answer = ("image_bytes", encode([other])) if as_file else ("images", other[np.newaxis])

    proof = held(tmp_path, {name: image[np.newaxis]}, **{name: answer})

    assert proof.holds is holds
    assert holds or proof.faults == (f"{name} of serving_default differs by {levels} of 255 levels in a pixel",)


@pytest.mark.parametrize(("wrong", "holds"), [(0, True), (1, True), (2, False)])
@pytest.mark.parametrize("as_file", [False, True])
def test_a_mask_may_be_undecided_in_a_few_pixels_and_no_more(tmp_path, wrong, holds, as_file):
    side = round((1.5 / TIES) ** 0.5)
    mask = np.random.default_rng(0).integers(0, 2, (side, side), np.int64) * 255
    other = mask.copy()
    other[0, :wrong] = 255 - other[0, :wrong]
    pixels = other.astype(np.uint8)[..., np.newaxis]
    name, answer = ("mask_bytes", encode([pixels])) if as_file else ("mask", pixels[np.newaxis, ..., 0])

    assert held(tmp_path, {name: mask[np.newaxis]}, **{name: answer}).holds is holds


@pytest.mark.parametrize(("off", "holds"), [(1e-9, True), (1e-6, False)])
def test_of_numbers_with_a_unit_that_is_what_rounding_is_measured_in(tmp_path, off, holds):
    levels, answer, unit = np.array([[0.5, 100.0]]), np.array([[0.5 + off, 100.0]]), np.array([1e-3, 1.0])

    proof = held(tmp_path, {"levels": levels}, {"levels": unit}, levels=answer)

    assert proof.holds is holds
    assert proof.difference == pytest.approx(off / 1e-3, rel=1e-3)
    assert held(tmp_path, {"levels": levels}, levels=answer).holds


def test_an_answer_of_another_shape_does_not_hold(tmp_path):
    proof = held(tmp_path, {"code": np.zeros((2, 3), "float32")}, code=np.zeros((2, 4), "float32"))

    assert proof.faults == ("code of serving_default has the shape (2, 4), not (2, 3)",)


@pytest.mark.parametrize(("wrong", "holds"), [(0, True), (1, False)])
def test_of_counts_none_may_be_wrong(tmp_path, wrong, holds):
    words = np.array([3, 5], np.int32)

    proof = held(tmp_path, {"words": words}, words=words + np.array([0, wrong], np.int32))

    assert proof.holds is holds
    assert holds or proof.faults == ("words of serving_default says something else",)
