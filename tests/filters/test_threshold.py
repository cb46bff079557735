"""Otsu's threshold, against scikit-image and OpenCV."""

import cv2
import numpy as np
import pytest
import skimage.filters
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_sample_image

from kcnn.arithmetic.pixels import quantise
from kcnn.errors import InputError
from kcnn.filters.pictures import grey
from kcnn.filters.threshold import otsu, otsu_of_histogram


@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
def test_of_a_photograph_it_is_scikit_image_s_and_opencv_s(name):
    photograph = quantise(grey(load_sample_image(name) / 255), 8)
    theirs, _ = cv2.threshold(photograph, 0, 255, cv2.THRESH_OTSU)

    assert otsu(photograph) == skimage.filters.threshold_otsu(photograph) == theirs


@given(st.integers(0, 10_000))
def test_of_two_clouds_it_is_scikit_image_s_and_opencv_s(seed):
    random = np.random.default_rng(seed)
    clouds = [random.normal(random.uniform(0, 255), random.uniform(1, 50), (50, 40)) for _ in range(2)]
    image = np.concatenate(clouds).clip(0, 255).astype(np.uint8)
    if np.ptp(image) == 0:
        return
    theirs, _ = cv2.threshold(image, 0, 255, cv2.THRESH_OTSU)

    assert otsu(image) == skimage.filters.threshold_otsu(image) == theirs


def test_it_makes_the_variance_between_the_two_parts_largest():
    counts = np.random.default_rng(0).integers(0, 50, 16)
    levels = np.repeat(np.arange(16), counts)

    def between(threshold):
        parts = levels[levels <= threshold], levels[levels > threshold]
        return sum(len(part) * (part.mean() - levels.mean()) ** 2 for part in parts)

    assert otsu_of_histogram(counts) == max(range(15), key=between)


def test_of_two_levels_the_lower_one_is_dark():
    assert otsu(np.array([[10, 10, 200]], np.uint8)) == 10


def test_of_one_level_it_is_that():
    assert otsu(np.full((3, 3), 7, np.uint8)) == 7


@pytest.mark.parametrize(
    ("image", "message"),
    [(np.zeros((2, 2)), "image must be uint8, got float64"), (np.zeros((0, 2), np.uint8), "not all zero")],
)
def test_what_has_no_threshold_is_refused(image, message):
    with pytest.raises(InputError, match=message):
        otsu(image)


def test_negative_counts_are_refused():
    with pytest.raises(InputError, match="not negative"):
        otsu_of_histogram([3, -1])
