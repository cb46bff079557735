import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from skimage.feature import match_template
from sklearn.datasets import load_sample_image

from kcnn.errors import InputError
from kcnn.filters import template as matching
from kcnn.filters.pictures import grey
from kcnn.filters.template import correlation, normalised_correlation, peaks, search, turned

PHOTOGRAPH = grey(load_sample_image("china.jpg") / 255)
TEMPLATE = PHOTOGRAPH[100:140, 220:280]
MIDDLE = (119.5, 249.5)
SMALL = PHOTOGRAPH[90:145, 215:275]
PATCH = SMALL[20:30, 25:40]


def turned_photograph(angle, scale=1.0):
    """The photograph turned about its middle and enlarged, and where the template's middle then is (row, column)."""
    to = cv2.getRotationMatrix2D((319.5, 213), angle, scale)
    x, y = to @ [MIDDLE[1], MIDDLE[0], 1]
    return cv2.warpAffine(PHOTOGRAPH, to, (640, 427), flags=cv2.INTER_CUBIC).clip(0, 1), (y, x)


@pytest.mark.parametrize(("image", "template"), [(SMALL, PATCH), (PHOTOGRAPH, TEMPLATE)], ids=["small", "large"])
def test_raw_correlation_is_opencv_s(image, template):
    opencv = cv2.matchTemplate(image.astype(np.float32), template.astype(np.float32), cv2.TM_CCORR)

    np.testing.assert_allclose(correlation(image, template), opencv, rtol=1e-4)


@pytest.mark.parametrize(("image", "template"), [(SMALL, PATCH), (PHOTOGRAPH, TEMPLATE)], ids=["small", "large"])
def test_normalised_correlation_is_scikit_image_s_and_opencv_s(image, template):
    scores = normalised_correlation(image, template)
    opencv = cv2.matchTemplate(image.astype(np.float32), template.astype(np.float32), cv2.TM_CCOEFF_NORMED)

    np.testing.assert_allclose(scores, match_template(image, template), atol=1e-8)
    np.testing.assert_allclose(scores, opencv, atol=1e-3)  # OpenCV sums in single precision.


def test_large_images_get_the_products_of_the_reference():
    fast, plain = (products(PHOTOGRAPH, PATCH) for products in (matching._products, matching._products.__wrapped__))

    np.testing.assert_allclose(fast, plain, atol=1e-10)


@given(st.floats(0.2, 5), st.floats(-2, 2))
def test_normalised_scores_do_not_depend_on_brightness_and_contrast(contrast, brightness):
    expected = normalised_correlation(SMALL, PATCH)

    np.testing.assert_allclose(normalised_correlation(contrast * SMALL + brightness, PATCH), expected, atol=1e-6)
    np.testing.assert_allclose(normalised_correlation(SMALL, contrast * PATCH + brightness), expected, atol=1e-6)


def test_raw_correlation_is_fooled_by_a_bright_place_and_normalised_is_not():
    image = 0.5 * SMALL
    image[40:54, 2:20] = 1.0

    raw, normalised = (each(image, PATCH) for each in (correlation, normalised_correlation))

    assert np.unravel_index(raw.argmax(), raw.shape) != (20, 25)
    assert np.unravel_index(normalised.argmax(), normalised.shape) == (20, 25)


@pytest.mark.parametrize("size", [(40, 40), (100, 90)], ids=["small", "large"])
@pytest.mark.parametrize("level", [0.0, 0.1, 1 / 3, 1.0])
def test_a_constant_window_scores_0(size, level):
    image = np.full(size, level)
    image[:10, :10] = PATCH[:10, :10]

    scores = normalised_correlation(image, PATCH)

    assert (scores[10:, 10:] == 0).all()
    assert scores[0, 0] != 0


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.floats(0, 1))
def test_peaks_are_all_that_nothing_nearer_than_the_distance_exceeds_in_order(seed, distance, threshold):
    scores = np.random.default_rng(seed).random((25, 30))

    found = peaks(scores, threshold, distance)
    places = [tuple(np.argwhere(scores == peak.score)[0]) for peak in found]

    expected = []
    for place in sorted(np.ndindex(scores.shape), key=lambda place: -scores[place]):
        window = scores[tuple(slice(max(0, at - distance + 1), at + distance) for at in place)]
        if scores[place] >= threshold and scores[place] == window.max():
            expected.append(place)
    assert places == expected
    for peak, place in zip(found, places, strict=True):
        assert max(abs(peak.row - place[0]), abs(peak.column - place[1])) <= 1


def test_the_place_of_a_peak_is_that_of_a_parabola_between_the_pixels():
    rows, columns = np.mgrid[:20, :30]

    (peak,) = peaks(1 - 0.01 * ((rows - 7.3) ** 2 + (columns - 18.8) ** 2), 0.9, 3)

    assert (peak.row, peak.column) == (pytest.approx(7.3), pytest.approx(18.8))


def test_of_a_plateau_one_peak_stays_and_count_limits_them():
    scores = np.zeros((20, 20))
    scores[4:6, 4:6], scores[14, 14] = 1.0, 0.9

    assert len(peaks(scores, 0.5, 3)) == 2
    assert [peak.score for peak in peaks(scores, 0.5, 3, count=1)] == [1.0]


def test_a_shift_by_part_of_a_pixel_is_found():
    smooth = ndimage.gaussian_filter(PHOTOGRAPH, 1.5)
    shifted = ndimage.shift(smooth, (0.4, -0.3), order=3, mode="mirror")

    (found,) = search(shifted, smooth[100:140, 220:280])

    assert found.row == pytest.approx(MIDDLE[0] + 0.4, abs=0.1)
    assert found.column == pytest.approx(MIDDLE[1] - 0.3, abs=0.1)


def test_plain_matching_falls_off_under_rotation_and_scale():
    by_angle = [normalised_correlation(turned_photograph(angle)[0], TEMPLATE).max() for angle in (0, 3, 6, 12)]
    by_scale = [normalised_correlation(turned_photograph(0, scale)[0], TEMPLATE).max() for scale in (1, 1.1, 1.2, 1.3)]

    for scores in (by_angle, by_scale):
        assert scores == sorted(scores, reverse=True)
        assert scores[0] > 0.999 and scores[-1] < 0.6


@pytest.mark.parametrize(("angle", "scale"), [(0, 1.0), (20, 1.0), (0, 1.4), (-90, 1.0), (20, 1.4)])
def test_the_search_finds_the_template_again_with_its_place_scale_and_angle(angle, scale):
    image, (row, column) = turned_photograph(angle, scale)

    (found,) = search(image, TEMPLATE, scales=(1.0, 1.4), angles=(-90, 0, 20))

    assert (found.scale, found.angle) == (scale, angle)
    assert np.hypot(found.row - row, found.column - column) < 1
    assert found.score > 0.8
    assert found.size == (round(40 * scale), round(60 * scale))


def test_every_copy_is_found_once_the_best_first():
    image = np.random.default_rng(0).random((120, 120)) * 0.2
    for row, column, light in ((10, 20, 1.0), (70, 80, 0.7)):
        image[row : row + 10, column : column + 15] = light * PATCH

    found = search(image, PATCH, scales=(0.9, 1.0, 1.1), threshold=0.8, count=5)

    assert {(round(each.row - 4.5), round(each.column - 7)) for each in found} == {(10, 20), (70, 80)}
    assert len(found) == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: correlation(PATCH, SMALL), "template must not be larger than the image"),
        (lambda: normalised_correlation(np.dstack([SMALL] * 3), PATCH), "image must be grey"),
        (lambda: normalised_correlation(SMALL, np.full((5, 5), 0.3)), "template must not be flat"),
        (lambda: search(SMALL, PATCH, scales=(0,)), "scales must be positive"),
        (lambda: search(SMALL, PATCH, scales=(1, float("nan"))), "scales must be positive"),
        (lambda: search(SMALL, PATCH, scales=(float("inf"),)), "scales must be positive"),
        (lambda: search(SMALL, PATCH, angles=(float("nan"),)), "scales must be positive"),
        (lambda: search(SMALL, np.full((5, 5), 0.3)), "template must not be flat"),
        (lambda: search(PATCH, SMALL), "no form of the template"),
        (lambda: peaks(SMALL, 0.5, 0), "distance and count must be at least 1"),
    ],
)
def test_what_cannot_be_matched_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_a_quarter_turn_is_anticlockwise():
    form, mask = turned(TEMPLATE, 1, 90)

    np.testing.assert_allclose(form, np.rot90(TEMPLATE), atol=1e-9)
    assert mask.all()


def test_forms_that_do_not_fit_or_are_flat_are_left_out_and_the_others_searched():
    (found,) = search(PHOTOGRAPH, TEMPLATE, scales=(1e-300, 0.01, 1, 1e300))

    assert found.scale == 1
    assert found.score == pytest.approx(1)


@pytest.mark.parametrize("scale", [1e-300, 0.01, 1000])
def test_no_form_that_is_left_is_refused(scale):
    with pytest.raises(InputError, match="no form of the template"):
        search(PHOTOGRAPH, TEMPLATE, scales=(scale,))
