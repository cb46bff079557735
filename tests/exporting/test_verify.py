"""A SavedModel is published only if it answers as the model does."""

import math

import numpy as np
import pytest
import tensorflow as tf

from kcnn.exporting.saved_model import Classifier, write
from kcnn.exporting.verify import TOLERANCE, Proof, verify

from .conftest import CLASSES, PREPROCESSING, network, pictures

IMAGES = pictures(5)


def encode(images):
    return [tf.io.encode_png(image).numpy() for image in images]


@pytest.fixture(scope="module")
def path(model, tmp_path_factory):
    """The SavedModel of `model`."""
    return write(Classifier(model, PREPROCESSING, CLASSES), tmp_path_factory.mktemp("export"))


def prove(path, model, classes=CLASSES, images=IMAGES, encoded=None):
    return verify(path, model, PREPROCESSING, classes, images, encode(images) if encoded is None else encoded)


def test_a_savedmodel_of_the_model_holds_over_all_examples(path, model):
    proof = prove(path, model)
    assert proof.holds
    assert proof.examples == 5
    assert max(proof.images, proof.encoded) <= TOLERANCE


def test_a_savedmodel_of_other_weights_does_not_hold(path):
    proof = prove(path, network(seed=1))
    assert not proof.holds
    assert min(proof.images, proof.encoded) > 0.01


def test_one_wrong_example_among_many_is_enough(path, model):
    files = encode(IMAGES)
    files[3] = files[0]
    proof = prove(path, model, encoded=files)
    assert not proof.holds
    assert proof.images <= TOLERANCE < proof.encoded


def test_a_model_that_answers_nan_does_not_hold_although_both_agree(tmp_path):
    model = network()
    model.set_weights([np.full_like(weights, np.nan) for weights in model.get_weights()])
    proof = prove(write(Classifier(model, PREPROCESSING, CLASSES), tmp_path), model)
    assert not proof.holds
    assert math.isinf(proof.images)
    assert math.isinf(proof.encoded)


@pytest.mark.parametrize("classes", [("bee", "ant", "käfer"), ("ant", "bee", "kafer"), ("ant", "bee")])
def test_other_class_names_do_not_hold(path, model, classes):
    proof = prove(path, model, classes)
    assert not proof.names_agree
    assert not proof.holds


@pytest.mark.parametrize(
    ("images", "encoded", "names_agree", "holds"),
    [
        (0.0, 0.0, True, True),
        (TOLERANCE, TOLERANCE, True, True),
        (2 * TOLERANCE, 0.0, True, False),
        (0.0, 2 * TOLERANCE, True, False),
        (0.0, 0.0, False, False),
        (math.inf, 0.0, True, False),
    ],
)
def test_a_proof_holds_only_if_nothing_differs_by_more_than_rounding(images, encoded, names_agree, holds):
    assert Proof(5, images, encoded, names_agree).holds is holds
