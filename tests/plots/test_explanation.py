"""The picture of what a network looks at, as a reader sees it."""

import matplotlib.text
import numpy as np
import pytest

from kcnn.plots.explanation import Lines, Panel, about_grey, explanation
from kcnn.plots.figure import BLUE, GREY, save
from kcnn.plots.images import mosaic

RANDOM = np.random.default_rng(0)
SHARES = {"ants": 0.7, "bees": 0.25, "wasps": 0.05}


def panels(count):
    return [Panel(f"panel {number}", f"caption {number}", RANDOM.random((6, 5)), "heat") for number in range(count)]


def texts(made):
    return [text.get_text() for text in made.findobj(matplotlib.text.Text) if text.get_text()]


def shown(axes):
    return axes.get_images()[-1].get_array()


def test_every_panel_has_its_title_and_caption_and_the_classes_their_probabilities():
    written = texts(explanation("What it looks at", panels(9), SHARES, "ants"))
    assert {"What it looks at", "panel 8", "caption 8", "ants", "70.0%", "5.0%"} <= set(written)


@pytest.mark.parametrize(("count", "place"), [(3, 3), (4, 4), (5, 5), (7, 7), (12, 7)])
def test_the_probabilities_end_the_second_row_or_the_picture(count, place):
    made = explanation("", panels(count), SHARES, "ants")
    titles = [axes.get_title() for axes in made.axes if axes.get_title()]
    assert titles.index("answer") == place
    assert len(titles) == count + 1


def test_the_explained_class_has_a_colour_of_its_own():
    made = explanation("", panels(1), SHARES, "bees")
    bars = next(axes for axes in made.axes if axes.get_title() == "answer").patches
    colours = [matplotlib.colors.to_hex(bar.get_facecolor()) for bar in bars]
    assert colours == [GREY, BLUE, GREY]
    assert [bar.get_width() for bar in bars] == list(SHARES.values())


def test_signed_values_are_drawn_about_0():
    made = explanation("", [Panel("", "", np.array([[-1.0, 4.0]]), "signed")], SHARES, "ants")
    assert made.axes[0].get_images()[0].get_clim() == (-4, 4)


def test_one_bright_pixel_does_not_darken_a_heat_map():
    values = np.full((40, 40), 1.0)
    values[0, 0] = 1000
    made = explanation("", [Panel("", "", values, "heat")], SHARES, "ants")
    assert made.axes[0].get_images()[0].get_clim() == (0, 1)


def test_values_over_an_image_hide_it_the_more_the_larger_they_are():
    image = RANDOM.random((8, 8, 3))
    made = explanation("", [Panel("", "", np.array([[-2.0, 0.0], [1.0, 2.0]]), "signed", under=image)], SHARES, "ants")
    below, above = made.axes[0].get_images()
    np.testing.assert_array_equal(below.get_array(), image.mean(axis=-1))
    opacity = above.get_array()[..., 3]
    assert opacity[0, 1] == 0
    assert opacity[0, 0] == opacity[1, 1] == 2 * opacity[1, 0] > 0
    assert above.get_extent() == below.get_extent()


def test_a_scale_is_drawn_where_it_is_asked_for(tmp_path):
    with_scale = Panel("", "", np.array([[-0.5, 0.5]]), "signed", under=np.zeros((4, 8, 1)), scale="probability lost")
    made = explanation("", [with_scale], SHARES, "ants")
    save(made, tmp_path / "figure.png")
    assert "probability lost" in texts(made)
    assert "probability lost" not in texts(explanation("", panels(1), SHARES, "ants"))


def test_values_that_are_all_0_are_drawn(tmp_path):
    flat = [Panel("", "", np.zeros((3, 3)), colours, under=np.zeros((3, 3, 1))) for colours in ("heat", "signed")]
    save(explanation("", flat, SHARES, "ants"), tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 0


def test_lines_have_a_legend_and_begin_as_it_is():
    alike = Lines("invariance", "likeness", np.linspace(0, 1, 3), {"shifted": np.array([1, 0.5, -0.2])})
    (axes, _) = (axes for axes in explanation("", [alike], SHARES, "ants").axes if axes.get_title())
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["shifted"]
    assert axes.get_ylim()[0] == pytest.approx(-0.2)


def test_a_long_name_is_cut_and_a_dollar_is_no_formula(tmp_path):
    made = explanation("$\\frac$", panels(1), {"$\\frac$": 0.6, "x" * 100: 0.4}, "$\\frac$")
    save(made, tmp_path / "figure.png")
    assert "x" * 33 + "…" in texts(made)


def test_tiles_are_laid_out_in_a_square_with_gaps_between_them():
    tiles = np.arange(5)[:, np.newaxis, np.newaxis] * np.ones((5, 2, 3))
    sheet = mosaic(tiles)
    nan = np.nan
    assert sheet.shape == (5, 11)
    np.testing.assert_array_equal(sheet[0], [0, 0, 0, nan, 1, 1, 1, nan, 2, 2, 2])
    np.testing.assert_array_equal(sheet[2], np.full(11, nan))
    np.testing.assert_array_equal(sheet[4], [3, 3, 3, nan, 4, 4, 4, nan, nan, nan, nan])


def test_between_coloured_tiles_it_is_white():
    sheet = mosaic(np.zeros((2, 2, 2, 3)))
    np.testing.assert_array_equal(sheet[0, :, 0], [0, 0, 1, 0, 0])


def test_no_weight_is_a_middle_grey_and_the_largest_is_full():
    np.testing.assert_array_equal(about_grey(np.array([-2.0, 0, 1])), [0, 0.5, 0.75])
    np.testing.assert_array_equal(about_grey(np.zeros(2)), [0.5, 0.5])
