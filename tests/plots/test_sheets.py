"""Sheets, overlays and trials: what is drawn where, and in which colour."""

import matplotlib.text
import numpy as np
import pytest

from kcnn.plots.overlays import MISSED, Overlay, overlays, painted
from kcnn.plots.sheets import sheet
from kcnn.plots.trials import trials


def texts(made):
    return [text.get_text() for text in made.findobj(matplotlib.text.Text) if text.get_text()]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_has_every_image_in_its_row_and_white_between(channels):
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 200, (2, 4, 24, 20, channels), np.uint8)

    made = sheet([("one", first), ("other", second[:2])], "title")

    (drawn,) = made.axes[0].get_images()
    picture = drawn.get_array()
    assert picture.shape == (2 * 26, 4 * 22, 3)
    np.testing.assert_array_equal(picture[:24, 22:42], np.broadcast_to(first[1], (24, 20, 3)))
    np.testing.assert_array_equal(picture[26:50, 22:42], np.broadcast_to(second[1], (24, 20, 3)))
    assert (picture[26:, 44:] == 255).all()
    assert {"one", "other", "title"} <= set(texts(made))


def masks():
    truth = np.zeros((6, 8), int)
    truth[:, 4:] = 1
    answer = truth.copy()
    answer[0, 0], answer[5, 7] = 1, 0
    counted = np.ones((6, 8), bool)
    counted[3, 3] = False
    return Overlay("x.png", np.full((6, 8, 1), 100, np.uint8), truth, answer, counted)


def test_an_overlay_shows_each_wrong_pixel_in_the_colour_of_its_fault():
    made = overlays([masks()], ["membrane", "cell"])

    pictures = [axes.get_images()[0].get_array() for axes in made.axes[:4]]
    assert tuple(pictures[3][0, 0]) == pytest.approx(MISSED)
    assert np.ptp(pictures[3][2, 2]) < 1e-9  # right: the image, in grey
    assert pictures[3][5, 7][2] > pictures[3][5, 7][0]
    assert (pictures[1][3, 3] == round(0.6 * 255)).all()
    written = texts(made)
    assert f"{100 * 2 / 47:.2f} % of the pixels wrong" in written
    assert {"membrane taken for cell", "cell taken for membrane", "x.png"} <= set(written)


def test_masks_of_many_classes_have_a_colour_each():
    classes = np.arange(5).reshape(1, 1, 5)

    colours = painted(classes, np.ones_like(classes, bool), 5)

    assert len({tuple(colour) for colour in colours[0, 0]}) == 5


def test_trials_are_points_and_their_mean_is_written():
    made = trials({"iou": {"unet": [0.7, 0.8, 0.9], "fcn8s": [0.5, 0.6, 0.7]}})

    lines = [line.get_ydata().tolist() for line in made.axes[0].get_lines() if len(line.get_xdata()) == 2]
    assert [0.7, 0.5] in lines
    assert {"80.0", "60.0"} <= set(texts(made))
