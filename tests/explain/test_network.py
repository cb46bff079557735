"""What does not fit the network is refused in words."""

import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.explain.network import batch, classes_of, maps
from tests.explain.networks import blob, blob_detector


@pytest.fixture(scope="module")
def network():
    return blob_detector()


@pytest.mark.parametrize("shape", [(12, 12, 1), (1, 12, 12, 3), (1, 11, 12, 1), (0, 12, 12, 1)])
def test_images_of_another_shape_are_refused(network, shape):
    with pytest.raises(InputError, match=r"images must be \(N, 12, 12, 1\) for blob_detector, got"):
        batch(network, np.zeros(shape))


@pytest.mark.parametrize(
    ("labels", "says"),
    [([2], "below 2, got 2"), ([-1], "at least 0"), ([0, 1], "for each of 1 images"), ([0.5], "whole number")],
)
def test_labels_that_name_no_class_of_each_image_are_refused(network, labels, says):
    with pytest.raises(InputError, match=says):
        classes_of(network, blob(3, 3), labels)


def test_a_layer_that_does_not_exist_is_answered_with_the_nearest(network):
    with pytest.raises(InputError, match="unknown layer of blob_detector 'feature': did you mean 'features'"):
        maps(network, "feature")


def test_a_layer_without_maps_is_refused(network):
    with pytest.raises(InputError, match="tap must name a layer with maps"):
        maps(network, "logits")
