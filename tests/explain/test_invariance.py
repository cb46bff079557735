"""Curves of networks whose invariance is known."""

import keras
import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.explain.invariance import accuracy, similarity
from kcnn.explain.transforms import rotate, translate
from tests.explain.networks import blob, blob_detector, linear

BLOBS = np.concatenate([blob(5, 5), blob(6, 5), blob(5, 6)])


def test_a_mean_over_the_map_does_not_notice_a_shift_and_the_map_itself_does():
    model = blob_detector()
    shifts = [0, 1, 2, 4]
    np.testing.assert_allclose(similarity(model, BLOBS, "logits", translate, shifts), np.ones(4), rtol=1e-6)
    np.testing.assert_allclose(similarity(model, BLOBS, "features", translate, shifts), [1, 0, 0, 0], atol=1e-6)


def test_the_cosine_is_the_mean_over_all_images_however_many_there_are():
    image = layers.Input((1, 2, 1))
    model = keras.Model(image, layers.Identity(name="same")(image))
    images = np.zeros((130, 1, 2, 1), np.float32)
    images[:, 0, 0] = 1
    images[:13, 0, 1] = 1

    # Moved to the right by one, (1, 0) becomes (0, 1) and (1, 1) becomes (0, 1): cosines 0 and 1 / sqrt(2).
    (found,) = similarity(model, images, "same", translate, [1])

    assert found == pytest.approx(0.1 / np.sqrt(2))


def test_silence_resembles_silence_and_nothing_else():
    model = blob_detector()
    dark = np.zeros((1, 12, 12, 1), np.float32)
    assert similarity(model, dark, "features", translate, [3]).tolist() == [1]
    assert similarity(model, blob(5, 5), "features", translate, [40]).tolist() == [0]


def test_accuracy_is_the_share_that_is_still_rightly_named():
    weights = np.zeros((3, 3, 1, 2), np.float32)
    weights[:, 0, 0, 0] = weights[:, 2, 0, 1] = 1  # class 0 is bright on the left, class 1 on the right
    images = np.zeros((2, 3, 3, 1), np.float32)
    images[0, :, 0] = images[1, :, 2] = 1

    assert accuracy(linear(weights), images, [0, 1], rotate, [0, 180]).tolist() == [1, 0]
    assert accuracy(linear(weights), images, [0, 1], translate, [2]).tolist() == [0.0]


def test_amounts_may_be_pairs():
    assert similarity(blob_detector(), BLOBS, "logits", translate, [(1, 1), (-2, 2)]).shape == (2,)


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="labels must be"):
        accuracy(blob_detector(), BLOBS, [0], translate, [0])
