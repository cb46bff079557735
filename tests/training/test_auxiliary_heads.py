"""Auxiliary heads: their losses count 0.3 in what is minimised, and in nothing that is reported."""

import keras
import numpy as np
import tensorflow as tf

from kcnn.recipes.optimize import Sgd
from kcnn.training.objectives import AUXILIARY
from tests.training import rig

PICTURES, LABELS = rig.images(24)


def network(heads: bool) -> keras.Model:
    """A linear classifier, and two more on the same pixels."""
    image = keras.Input((8, 8, 3))
    x = keras.layers.Flatten()(image)
    answer = {
        name: keras.layers.Dense(10, kernel_initializer="zeros", name=name)(x) for name in ("logits", "aux1", "aux2")
    }
    return keras.Model(image, answer if heads else answer["logits"])


def trained(tmp_path, heads):
    """One update with learning rate 1; the trainer, and the loss that it reports."""
    made = rig.trainer(network(heads), tmp_path, optimizer=Sgd(lr=1.0, momentum=0.0))
    return made, rig.losses(made, 1, 24)[0]


def test_a_head_learns_as_the_classifier_does_at_three_tenths(tmp_path):
    made, _ = trained(tmp_path, heads=True)
    moved = {layer.name: layer.get_weights() for layer in made.trained.layers if layer.weights}

    assert AUXILIARY == 0.3
    for name in ("aux1", "aux2"):
        for head, classifier in zip(moved[name], moved["logits"], strict=True):
            np.testing.assert_allclose(head, AUXILIARY * classifier, rtol=1e-4, atol=1e-7)


def test_the_loss_that_is_reported_is_that_of_the_logits(tmp_path):
    assert trained(tmp_path, heads=True)[1] == trained(tmp_path, heads=False)[1]


def test_predictions_are_the_logits_alone(tmp_path):
    made, _ = trained(tmp_path, heads=True)
    weights = np.ones(24, np.float32)
    dataset = tf.data.Dataset.from_tensors((PICTURES, LABELS.astype(np.int64), weights))

    logits, labels = made.logits(dataset)

    assert logits.shape == (24, 10)
    np.testing.assert_allclose(logits, made.trained(rig.standardize(PICTURES))["logits"], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(labels, LABELS)
