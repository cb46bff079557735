import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.measure import ransac
from skimage.transform import ProjectiveTransform
from sklearn.datasets import load_sample_image

from kcnn.errors import InputError
from kcnn.filters.keypoints import (
    METHODS,
    Keypoints,
    Matches,
    corner_error,
    detect,
    evaluate,
    homography,
    match,
    mean_average_accuracy,
    random_homography,
    warped,
)
from kcnn.filters.pictures import grey, read
from kcnn.seeds import generator

PHOTOGRAPH = grey(load_sample_image("china.jpg") / 255)
SIZE = PHOTOGRAPH.shape


def keypoints(descriptors):
    descriptors = np.array(descriptors, np.float32)
    count = len(descriptors)
    return Keypoints("sift", np.arange(2.0 * count).reshape(-1, 2), np.ones(count), np.zeros(count), descriptors)


@pytest.mark.parametrize("method", METHODS)
def test_the_strongest_keypoints_come_first_with_all_that_opencv_says_of_them(method):
    levels = np.rint(255 * PHOTOGRAPH).astype(np.uint8)
    found = METHODS[method][0]().detectAndCompute(levels, None)[0]

    ours = detect(PHOTOGRAPH, method)

    assert sorted(map(tuple, ours.points)) == sorted(point.pt for point in found)
    assert len(ours.descriptors) == len(ours.sizes) == len(ours.angles) == len(ours) > 300
    strongest = max(found, key=lambda point: point.response)
    assert (*ours.points[0], ours.sizes[0], ours.angles[0]) == (*strongest.pt, strongest.size, strongest.angle)
    np.testing.assert_array_equal(detect(PHOTOGRAPH, method, count=50).points[0], ours.points[0])
    assert len(detect(PHOTOGRAPH, method, count=50)) == 50


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(1, 1), (2, 9), (60, 60)])
def test_a_picture_without_anything_has_no_keypoints_matches_and_homography(method, size):
    nothing = detect(np.full(size, 0.5), method)

    matches = match(nothing, nothing)

    assert len(nothing) == len(matches) == len(match(nothing, detect(PHOTOGRAPH, method))) == 0
    assert homography(matches) is None


def test_a_match_is_kept_only_where_the_next_nearest_is_clearly_farther():
    first = keypoints([[0, 0], [10, 0], [5, 5]])
    second = keypoints([[0, 1], [10, 2], [10, -2.1], [100, 100]])

    matches = match(first, second, ratio=0.5)

    np.testing.assert_array_equal(matches.first, first.points[[0]])
    np.testing.assert_array_equal(matches.second, second.points[[0]])


def test_matching_in_parts_pairs_the_nearest_as_a_whole_distance_table_does():
    rng = np.random.default_rng(0)
    first, second = keypoints(rng.random((3000, 4))), keypoints(rng.random((50, 4)))
    apart = np.linalg.norm(first.descriptors[:, None] - second.descriptors, axis=2)
    nearest, next_ = np.sort(apart, axis=1)[:, :2].T

    matches = match(first, second, ratio=0.7)

    kept = nearest < 0.7 * next_
    np.testing.assert_array_equal(matches.first, first.points[kept])
    np.testing.assert_array_equal(matches.second, second.points[apart.argmin(axis=1)[kept]])


def test_a_homography_is_found_among_wrong_matches_as_scikit_image_finds_it():
    rng = np.random.default_rng(0)
    truth = random_homography(SIZE, rng)
    first = rng.uniform(0, 400, (100, 2))
    second = cv2.perspectiveTransform(first[None], truth)[0]
    second[70:] = rng.uniform(0, 400, (30, 2))

    found = homography(Matches(first, second))
    theirs, inliers = ransac((first, second), ProjectiveTransform, 4, 3.0, max_trials=500, rng=0)

    np.testing.assert_array_equal(found.inliers[:70], True)
    np.testing.assert_array_equal(found.inliers, inliers)
    assert corner_error(found.matrix, truth, SIZE) < 1e-3
    assert corner_error(theirs.params, truth, SIZE) < 1e-3


@pytest.mark.parametrize("count", [4, 20, 300])
def test_matches_at_random_are_no_homography(count):
    rng = np.random.default_rng(0)

    assert homography(Matches(rng.uniform(0, 400, (count, 2)), rng.uniform(0, 400, (count, 2)))) is None


def test_pictures_of_different_things_are_no_homography():
    other = grey(load_sample_image("flower.jpg") / 255)

    for method in METHODS:
        assert homography(match(detect(PHOTOGRAPH, method), detect(other, method))) is None


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.4))
def test_a_random_homography_moves_the_corners_by_no_more_than_its_strength(seed, strength):
    height, width = 90, 160
    corners = np.array([[[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]], float)

    moved = cv2.perspectiveTransform(corners, random_homography((height, width), np.random.default_rng(seed), strength))

    assert (np.abs(moved - corners) <= strength * np.array([width, height]) + 1e-3).all()


def test_a_warped_picture_shows_at_each_place_what_the_homography_brings_there_in_other_light():
    truth = random_homography(SIZE, np.random.default_rng(3))
    seen = warped(PHOTOGRAPH, truth, np.random.default_rng(4))
    inner = np.argwhere(np.ones((100, 100)))[:, ::-1] + (270.0, 160.0)

    x, y = np.rint(cv2.perspectiveTransform(inner[None], truth)[0]).astype(int).T
    given = PHOTOGRAPH[inner[:, 1].astype(int), inner[:, 0].astype(int)]

    assert np.corrcoef(seen[y, x], given)[0, 1] > 0.9
    assert 0.005 < np.abs(seen[y, x] - given).mean() < 0.2
    assert seen.min() >= 0 and seen.max() <= 1


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_the_corner_error_of_a_shift_is_its_length(right, down):
    shift = np.array([[1, 0, right], [0, 1, down], [0, 0, 1]])

    assert corner_error(shift, np.eye(3), SIZE) == pytest.approx(np.hypot(right, down), abs=1e-4)


def test_no_homography_is_infinitely_wrong():
    assert corner_error(None, np.eye(3), SIZE) == float("inf")


def test_the_mean_average_accuracy_counts_errors_below_each_threshold():
    # Below 1 px: 1 of 4; below 2 and 3: 2 of 4; below 4 to 10: 3 of 4.
    errors = [0.5, 1.5, 3.0, float("inf")]

    assert mean_average_accuracy(errors) == pytest.approx((1 + 2 + 2 + 7 * 3) / 40)
    assert mean_average_accuracy([0.0, 0.0]) == 1
    assert mean_average_accuracy([float("inf")]) == 0


def test_evaluating_twice_gives_the_same_and_another_seed_gives_other_pairs():
    picture = PHOTOGRAPH[50:250, 100:400]

    first, again, other = (evaluate([picture], "orb", pairs=2, seed=seed) for seed in (0, 0, 1))

    assert first.errors == again.errors != other.errors
    assert first.inliers == again.inliers > 20
    assert first.seconds > 0


@pytest.mark.parametrize(("method", "least"), [("sift", 0.95), ("akaze", 0.9), ("orb", 0.6)])
def test_each_method_finds_the_homographies_of_a_real_picture(method, least):
    score = evaluate([PHOTOGRAPH], method, pairs=3)

    assert score.mean_average_accuracy >= least
    assert score.inliers > 100


def test_an_even_picture_scores_0():
    score = evaluate([np.full((80, 80), 0.5)], "sift", pairs=1)

    assert (score.mean_average_accuracy, score.inliers, score.errors) == (0, 0, (float("inf"),))


@pytest.mark.data
def test_sift_finds_the_homographies_of_photographs_of_many_kinds(data):
    names = sorted((data / "imagenet_samples").glob("*.jpg"))[::20]

    score = evaluate([grey(read(name).pixels) for name in names], "sift", pairs=1)

    assert score.mean_average_accuracy > 0.8


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: detect(PHOTOGRAPH, "sfit"), "unknown method 'sfit': did you mean 'sift'"),
        (lambda: detect(255 * PHOTOGRAPH), r"image must lie in 0..1"),
        (lambda: match(keypoints([[1]]), keypoints([[1]]), ratio=0), "ratio must be above 0 and at most 1, got 0"),
        (lambda: match(keypoints([[1]]), detect(np.zeros((9, 9)), "orb")), "same method, got 'sift' and 'orb'"),
        (lambda: homography(Matches(np.zeros((9, 2)), np.zeros((9, 2))), -1), "threshold must be positive, got -1"),
        (lambda: random_homography((9, 9), np.random.default_rng(0), 0.7), "strength must be at least 0"),
        (lambda: random_homography((1, 9), np.random.default_rng(0)), r"size must be at least 2 x 2, got \(1, 9\)"),
        (lambda: mean_average_accuracy([]), "an error and a threshold at least"),
        (lambda: evaluate([], "sift"), "a picture and a pair at least, got 0 and 5"),
    ],
)
def test_what_cannot_be_matched_or_scored_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_no_homography_has_its_horizon_in_the_picture_or_folds_it():
    rng = generator(1)
    corners = np.array([(0, 0, 1), (99, 0, 1), (99, 79, 1), (0, 79, 1)])

    moved = np.array([corners @ random_homography((80, 100), rng, 0.45).T for _ in range(1000)])

    assert moved[..., 2].min() > 0
    sides = np.diff(moved[..., :2] / moved[..., 2:], axis=1, append=moved[:, :1, :2] / moved[:, :1, 2:])
    following = np.roll(sides, -1, axis=1)
    assert (sides[..., 0] * following[..., 1] > sides[..., 1] * following[..., 0]).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(1, 300), (300, 1), (1, 1)])
def test_one_row_or_column_has_no_keypoints(method, shape):
    assert len(detect(np.random.default_rng(0).random(shape), method)) == 0
