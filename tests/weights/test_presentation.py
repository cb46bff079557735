"""How pixels are presented to networks with published weights: as their own libraries do it."""

import importlib

import numpy as np
import pytest

from kcnn.data.preprocessing import Preprocessing
from kcnn.models.catalog import CATALOG
from kcnn.weights.presentation import LITE, RAW, STANDARDISED, pixels, words

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3)).astype(np.uint8)

MODULES = {
    "vgg": "vgg16",
    "resnet": "resnet",
    "densenet": "densenet",
    "mobilenet_v2": "mobilenet_v2",
    "efficientnet": "efficientnet",
}
OF_KERAS = [row for row in CATALOG.values() if "keras" in row.libraries]


def presented(shown):
    return Preprocessing(4, 5, 3, "stretch").presenting(shown).standardize(IMAGES).numpy()


@pytest.mark.parametrize("row", OF_KERAS, ids=lambda row: row.name)
def test_keras_networks_see_what_preprocess_input_makes(row):
    library = importlib.import_module(f"keras.applications.{MODULES[row.module]}")
    expected = library.preprocess_input(IMAGES.astype("float32"))

    np.testing.assert_allclose(presented(pixels("keras", row)), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "efficientnet_b0", "alexnet"])
def test_torchvisions_networks_see_imagenets_mean_and_deviation(name):
    expected = (IMAGES / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]

    np.testing.assert_allclose(presented(pixels("torchvision", CATALOG[name])), expected, rtol=1e-4, atol=1e-5)


def test_torchvisions_googlenet_sees_minus_one_to_one():
    expected = (IMAGES / 255 - 0.5) / 0.5

    np.testing.assert_allclose(presented(pixels("torchvision", CATALOG["googlenet"])), expected, rtol=1e-4, atol=1e-5)


def test_lite_networks_see_pixels_less_127_by_128():
    shown = pixels("efficientnet_lite", CATALOG["efficientnet_lite0"])

    np.testing.assert_allclose(presented(shown), (IMAGES - 127.0) / 128, rtol=1e-4, atol=1e-5)
    assert (shown.interpolation, shown.crop) == ("bicubic", 224 / 256)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (LITE, "(x - 127) / 128, bicubic"),
        (RAW, "x, bicubic"),
        (STANDARDISED, "(x - [123.7, 116.3, 103.5]) / [58.4, 57.12, 57.38], bilinear"),
        (pixels("keras", CATALOG["vgg16"]), "(x - [123.7, 116.8, 103.9]), blue first, bilinear"),
        (pixels("keras", CATALOG["mobilenet_v2"]), "(x - 127.5) / 127.5, bilinear"),
    ],
)
def test_it_is_written_as_one_would_write_it(shown, text):
    assert words(shown) == text
