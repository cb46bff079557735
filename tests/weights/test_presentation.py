"""How pixels are presented to networks with published weights: as their own libraries do it."""

import importlib

import numpy as np
import pytest

from kcnn.data.preprocessing import Preprocessing
from kcnn.models.catalog import CATALOG
from kcnn.recipes.data import Pixels
from kcnn.weights.presentation import CAFFE, LITE, RAW, STANDARDISED, TO_ONE, pixels, words

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3)).astype(np.uint8)

MODULES = {
    "vgg": "vgg16",
    "resnet": "resnet",
    "densenet": "densenet",
    "mobilenet_v2": "mobilenet_v2",
    "efficientnet": "efficientnet",
}
OF_KERAS, OF_TORCHVISION = (
    [row for row in CATALOG.values() if library in row.libraries] for library in ("keras", "torchvision")
)
OF_LITE = [row for row in CATALOG.values() if row.name.startswith("efficientnet_lite")]


def presented(shown):
    return Preprocessing(4, 5, 3, "stretch").presenting(shown).standardize(IMAGES).numpy()


@pytest.mark.parametrize("row", OF_KERAS, ids=lambda row: row.name)
def test_keras_networks_see_what_preprocess_input_makes(row):
    library = importlib.import_module(f"keras.applications.{MODULES[row.module]}")
    expected = library.preprocess_input(IMAGES.astype("float32"))

    np.testing.assert_allclose(presented(pixels("keras", row)), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "row", [row for row in OF_TORCHVISION if row.classifier and row.name != "googlenet"], ids=lambda row: row.name
)
def test_torchvisions_networks_see_imagenets_mean_and_deviation(row):
    expected = (IMAGES / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]

    np.testing.assert_allclose(presented(pixels("torchvision", row)), expected, rtol=1e-4, atol=1e-5)


def test_torchvisions_networks_for_clips_see_kinetics_mean_and_deviation():
    expected = (IMAGES / 255 - [0.43216, 0.394666, 0.37645]) / [0.22803, 0.22145, 0.216989]

    np.testing.assert_allclose(presented(pixels("torchvision", CATALOG["r3d_18"])), expected, rtol=1e-4, atol=1e-5)


def test_torchvisions_googlenet_sees_minus_one_to_one():
    expected = (IMAGES / 255 - 0.5) / 0.5

    np.testing.assert_allclose(presented(pixels("torchvision", CATALOG["googlenet"])), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("row", OF_LITE, ids=lambda row: row.name)
def test_lite_networks_see_pixels_less_127_by_128(row):
    shown = pixels("efficientnet_lite", row)

    np.testing.assert_allclose(presented(shown), (IMAGES - 127.0) / 128, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("origin", "name", "interpolation"),
    [
        ("efficientnet_lite", "efficientnet_lite0", "bicubic"),
        ("torchvision", "efficientnet_b0", "bicubic"),
        ("keras", "efficientnet_b0", "bicubic"),
        ("torchvision", "resnet50", "bilinear"),
        ("keras", "resnet50", "bilinear"),
    ],
)
def test_efficientnets_see_images_that_were_resized_by_cubics(origin, name, interpolation):
    assert pixels(origin, CATALOG[name]).interpolation == interpolation


@pytest.mark.parametrize("origin", ["keras", "torchvision"])
def test_only_what_keras_took_from_caffe_has_blue_first(origin):
    rows = {"keras": OF_KERAS, "torchvision": OF_TORCHVISION}[origin]
    blue_first = {row.module for row in rows if pixels(origin, row).order == "bgr"}

    assert blue_first == ({"vgg", "resnet"} if origin == "keras" else set())


def test_all_are_measured_on_the_middle_224_of_256():
    shown = [
        *(pixels("keras", row) for row in OF_KERAS),
        *(pixels("torchvision", row) for row in OF_TORCHVISION),
        *(pixels("efficientnet_lite", row) for row in OF_LITE),
    ]

    assert {each.crop for each in shown} == {224 / 256}


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (LITE, "(x - 127) / 128, bicubic"),
        (RAW, "x, bicubic"),
        (STANDARDISED, "(x - [123.7, 116.3, 103.5]) / [58.4, 57.12, 57.38], bilinear"),
        (CAFFE, "(x - [123.7, 116.8, 103.9]), blue first, bilinear"),
        (TO_ONE, "(x - 127.5) / 127.5, bilinear"),
        (Pixels(mean=(0.2,), std=(0.4,)), "(x - 51) / 102, bilinear"),
        (Pixels(mean=(0.0,), std=(1.0,)), "x / 255, bilinear"),
    ],
)
def test_it_is_written_as_one_would_write_it(shown, text):
    assert words(shown) == text
