"""Fitting and standardising, against slow references."""

from io import BytesIO

import cv2
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from kcnn.data.preprocessing import Preprocessing, decode_image, fit_image, grey


def ramp(height: int, width: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)


@pytest.mark.parametrize("fit", ["cover", "pad", "stretch"])
@pytest.mark.parametrize("size", [(7, 13), (13, 7), (9, 9), (1, 40), (40, 1), (64, 48)])
def test_any_image_gets_the_network_s_size(fit, size):
    fitted = fit_image(tf.constant(ramp(*size)), 16, 16, fit)
    assert fitted.shape == (16, 16, 3)
    assert fitted.dtype == tf.uint8


@pytest.mark.parametrize("fit", ["cover", "pad", "stretch"])
def test_an_image_of_the_network_s_size_is_not_touched(fit):
    image = ramp(16, 16)
    assert np.array_equal(fit_image(tf.constant(image), 16, 16, fit), image)


def test_pad_centres_a_small_image_on_black():
    image = ramp(28, 28, 1)
    fitted = fit_image(tf.constant(image), 32, 32, "pad").numpy()
    assert np.array_equal(fitted[2:30, 2:30], image)
    assert fitted[:2].sum() + fitted[30:].sum() + fitted[:, :2].sum() + fitted[:, 30:].sum() == 0


def test_cover_keeps_the_aspect_and_crops_the_long_side():
    image = np.zeros((20, 40, 1), np.uint8)
    image[:, 10:30] = 255
    assert fit_image(tf.constant(image), 20, 20, "cover").numpy().min() == 255


def test_a_batch_is_fitted_as_its_images_are():
    images = np.stack([ramp(20, 30), ramp(20, 30)[::-1]])
    batch = fit_image(tf.constant(images), 16, 16, "cover").numpy()
    assert np.array_equal(batch, np.stack([fit_image(tf.constant(image), 16, 16, "cover") for image in images]))


def test_standardising_gives_mean_0_and_deviation_1_by_the_definition():
    images = ramp(8, 8)[np.newaxis]
    preprocessing = Preprocessing(8, 8, 3, "cover", mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    expected = (images / 255.0 - [0.1, 0.2, 0.3]) / [0.5, 0.6, 0.7]
    np.testing.assert_allclose(preprocessing.standardize(tf.constant(images)), expected, atol=1e-5)


def test_it_survives_json():
    preprocessing = Preprocessing(8, 9, 3, "pad", mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    assert Preprocessing.from_json(preprocessing.to_json()) == preprocessing


def test_grey_png_decodes_to_three_equal_channels_where_three_are_asked_for():
    encoded = tf.io.encode_png(ramp(5, 6, 1))
    image = decode_image(encoded, 3).numpy()
    assert np.array_equal(image[..., 0], image[..., 2])


def test_bytes_that_are_no_image_are_refused():
    with pytest.raises(tf.errors.InvalidArgumentError):
        decode_image(tf.constant(b"no image"), 3)


def bmp(pixels, mode):
    stream = BytesIO()
    Image.fromarray(pixels).convert(mode).save(stream, "BMP")
    return tf.constant(stream.getvalue())


@pytest.mark.parametrize("traced", [False, True])
def test_a_bmp_of_colours_is_grey_to_a_network_of_one_channel(traced):
    pixels = ramp(40, 30)
    decode = tf.function(decode_image) if traced else decode_image

    image = decode(bmp(pixels, "RGB"), 1)

    np.testing.assert_array_equal(image[..., 0], cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def test_a_grey_bmp_and_other_files_are_decoded_to_one_channel_as_they_are():
    pixels = ramp(5, 6, 1)

    np.testing.assert_array_equal(decode_image(bmp(pixels[..., 0], "L"), 1), pixels)
    np.testing.assert_array_equal(decode_image(tf.io.encode_png(pixels), 1), pixels)


@pytest.mark.parametrize("encoded", [b"", b"B", b"BM", b"words"])
def test_what_is_no_image_is_refused_in_one_channel_as_in_three(encoded):
    for channels in (1, 3):
        with pytest.raises(tf.errors.InvalidArgumentError):
            decode_image(tf.constant(encoded), channels)


def test_greys_are_those_of_opencv():
    pixels = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)

    np.testing.assert_array_equal(grey(pixels)[..., 0], cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
