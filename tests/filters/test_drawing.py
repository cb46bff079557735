import numpy as np
import pytest

from kcnn.filters.drawing import GREEN, ORANGE, sheet_of_orientations, side_by_side, with_boxes, with_keypoints
from kcnn.filters.gabor import bank, complex_cells
from kcnn.filters.keypoints import Keypoints, Matches
from kcnn.filters.template import Match

BLANK = np.full((1000, 1200), 0.5)


def has(picture, colour, row, column):
    """Whether a pixel at or beside the place has about that colour."""
    near = 255 * picture[round(row) - 1 : round(row) + 2, round(column) - 1 : round(column) + 2]
    return bool((np.abs(near - colour).max(axis=-1) < 30).any())


@pytest.mark.parametrize("angle", [0, 30, -90])
def test_a_box_goes_through_the_corners_of_the_turned_template(angle):
    drawn = with_boxes(BLANK, [Match(500.0, 600.0, (101, 201), 1.0, angle, 0.9)])

    turn = np.deg2rad(angle)
    for right, down in ((-100, -50), (100, -50), (100, 50), (-100, 50)):
        # Anticlockwise as seen, with rows that go down.
        column, row = right * np.cos(turn) + down * np.sin(turn), down * np.cos(turn) - right * np.sin(turn)
        assert has(drawn, GREEN, 500 + row, 600 + column)
    assert drawn.shape == (1000, 1200, 3)
    assert not has(drawn, GREEN, 500, 600)


def test_a_keypoint_is_a_circle_of_its_size_with_a_line_towards_its_angle():
    keypoints = Keypoints("sift", np.array([[300.0, 400.0]]), np.array([100.0]), np.array([90.0]), np.zeros((1, 128)))

    drawn = with_keypoints(BLANK, keypoints, 10)

    assert has(drawn, ORANGE, 400, 350) and has(drawn, ORANGE, 430, 300)
    assert not has(drawn, ORANGE, 370, 300)


def test_only_as_many_keypoints_as_are_asked_for_are_drawn():
    points = np.array([[300.0, 400.0], [900.0, 400.0]])
    keypoints = Keypoints("sift", points, np.full(2, 50.0), np.zeros(2), np.zeros((2, 128)))

    drawn = with_keypoints(BLANK, keypoints, 1)

    assert has(drawn, ORANGE, 400, 325) and not has(drawn, ORANGE, 400, 925)


def test_inliers_are_green_and_other_matches_orange_between_both_pictures():
    matches = Matches(np.array([[100.0, 100.0], [100.0, 500.0]]), np.array([[1000.0, 100.0], [1000.0, 500.0]]))

    drawn = side_by_side(BLANK, BLANK[:800], matches, np.array([True, False]), 10)

    left = drawn.shape[1] - 1200
    assert has(drawn, GREEN, 100, 700) and has(drawn, GREEN, 100, left + 600)
    assert has(drawn, ORANGE, 500, 700)
    np.testing.assert_array_equal(drawn[900:, left:], 1)


def test_pictures_without_matches_are_shown_as_they_are():
    nothing = Matches(np.zeros((0, 2)), np.zeros((0, 2)))

    drawn = side_by_side(BLANK, BLANK, nothing, np.zeros(0, bool), 10)

    assert not (np.abs(255 * drawn - ORANGE).max(axis=-1) < 30).any()


def test_small_pictures_are_enlarged_to_draw_on():
    nothing = Keypoints("sift", np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.zeros((0, 128)))

    assert with_keypoints(BLANK[:100, :200], nothing, 10).shape == (500, 1000, 3)


def test_a_tile_that_is_too_small_for_its_kernel_shows_the_answer_alone():
    answers = np.array([[[0.0, 1.0, 0.0]]])

    sheet = sheet_of_orientations(np.zeros((1, 3)), answers, [bank([8.0])[0].kernel])

    np.testing.assert_array_equal(sheet[0, 4:, 0], [0, 1, 0])


def test_a_sheet_has_a_tile_for_the_picture_each_orientation_and_all_of_them_in_colours():
    stripes = 0.5 + 0.5 * np.sin(np.arange(100) * 2 * np.pi / 8) * np.ones((90, 1))
    answers = complex_cells(stripes, [8.0])[0]

    sheet = sheet_of_orientations(stripes, answers, [cell.kernel for cell in bank([8.0], phases=[0.0])])

    gap = sheet.shape[0] - 2 * 90
    assert sheet.shape == (2 * 90 + gap, 3 * 100 + 2 * gap, 3)
    tiles = sheet[:90, :100], sheet[:90, 100 + gap : 200 + gap], sheet[90 + gap :, :100]
    np.testing.assert_allclose(tiles[0][..., 0], stripes, atol=0.01)
    assert tiles[1][60:].mean() > 0.8 and tiles[2][60:].mean() < 0.1
    assert np.ptp(sheet[90 + gap :, 200 + 2 * gap :], axis=-1).max() > 0.5
