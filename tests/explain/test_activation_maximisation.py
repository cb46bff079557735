"""The image that is climbed to excites the unit more than others of its length do."""

import keras
import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.explain.activation_maximisation import maximise
from tests.explain.networks import blob_detector, linear, smooth


def test_of_a_linear_network_it_is_the_class_s_own_weights():
    weights = np.random.default_rng(0).normal(size=(5, 6, 2, 3)).astype("float32")
    image = maximise(linear(weights), "logits", 1, steps=400, blur=0)
    wanted = weights[..., 1]
    assert np.sum(image * wanted) / np.linalg.norm(image) / np.linalg.norm(wanted) > 0.999


def test_it_excites_a_map_more_than_a_thousand_images_of_the_same_length():
    network = smooth()
    features = keras.Model(network.input, network.get_layer("features").output)
    image = maximise(network, "features", 2, steps=60, rate=0.05, blur=0)

    others = np.random.default_rng(0).normal(size=(1000, *image.shape))
    others *= np.linalg.norm(image) / np.sqrt((others**2).sum(axis=(1, 2, 3), keepdims=True))
    reached = features(image[np.newaxis]).numpy()[..., 2].mean()
    assert reached > features(others).numpy()[..., 2].mean(axis=(1, 2)).max()


def test_blur_takes_fine_stripes_away_and_leaves_what_is_broad():
    stripes = np.tile([1.0, -1.0], (12, 6))
    broad = np.sin(np.linspace(0, np.pi, 12))[:, np.newaxis] * np.ones(12)
    network = linear(np.stack([stripes + broad, broad], -1)[:, :, np.newaxis].astype("float32"))

    def share(blur):
        image = maximise(network, "logits", 0, steps=100, blur=blur)[..., 0]
        return abs(np.sum(image * stripes)) / abs(np.sum(image * broad))

    assert share(blur=1.0) < 0.2 * share(blur=0.0)


def test_the_same_seed_gives_the_same_image():
    images = [maximise(smooth(), "features", 0, steps=5, seed=seed) for seed in (4, 4, 5)]
    np.testing.assert_array_equal(images[0], images[1])
    assert np.any(images[0] != images[2])


def test_a_unit_that_nothing_reaches_is_reported():
    model = blob_detector()
    model.get_layer("features").set_weights([np.ones((3, 3, 1, 1)), np.array([-1e6])])
    with pytest.raises(InputError, match="silent for 3 images of noise"):
        maximise(model, "features", 0, steps=3)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"unit": 4}, "unit must be at least 0 and below 4, got 4"),
        ({"unit": -1}, "unit"),
        ({"tap": "feature"}, "did you mean 'features'"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"penalty": 1.0}, "penalty from 0 to below 1"),
        ({"shape": (9, 9, 2)}, "images must be"),
    ],
)
def test_what_the_network_does_not_have_is_refused(wrong, says):
    with pytest.raises(InputError, match=says):
        maximise(smooth(), **{"tap": "features", "unit": 0} | wrong)


def test_a_network_for_any_size_needs_to_be_told_one():
    image = layers.Input((None, None, 1))
    model = keras.Model(image, layers.Conv2D(2, 3, name="features")(image))
    assert maximise(model, "features", 0, (7, 8, 1), steps=2).shape == (7, 8, 1)
    with pytest.raises(InputError, match="shape must be given"):
        maximise(model, "features", 0)
