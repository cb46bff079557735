"""The picture of what a network looks at, as a reader sees it."""

import matplotlib.text
import numpy as np
import pytest

from kcnn.plots.explanation import Answer, about_grey, explanation
from kcnn.plots.figure import BLUE, GREY, save
from kcnn.plots.panels import Picture

RANDOM = np.random.default_rng(0)
SHARES = {"ants": 0.7, "bees": 0.25, "wasps": 0.05}


def panels(count):
    return [
        Picture(RANDOM.random((6, 5)), f"panel {number}", "heat", caption=f"caption {number}")
        for number in range(count)
    ]


def texts(made):
    return [text.get_text() for text in made.findobj(matplotlib.text.Text) if text.get_text()]


def test_every_panel_has_its_title_and_caption_and_the_classes_their_probabilities():
    written = texts(explanation("What it looks at", panels(9), Answer(SHARES, "ants")))
    assert {"What it looks at", "panel 8", "caption 8", "ants", "70.0%", "5.0%"} <= set(written)


@pytest.mark.parametrize(("count", "place"), [(3, 3), (4, 4), (5, 5), (7, 7), (12, 7)])
def test_the_probabilities_end_the_second_row_or_the_picture(count, place):
    made = explanation("", panels(count), Answer(SHARES, "ants"))
    titles = [axes.get_title() for axes in made.axes if axes.get_title()]
    assert titles.index("answer") == place
    assert len(titles) == count + 1


def test_the_explained_class_has_a_colour_of_its_own():
    made = explanation("", panels(1), Answer(SHARES, "bees"))
    bars = next(axes for axes in made.axes if axes.get_title() == "answer").patches
    colours = [matplotlib.colors.to_hex(bar.get_facecolor()) for bar in bars]
    assert colours == [GREY, BLUE, GREY]
    assert [bar.get_width() for bar in bars] == list(SHARES.values())


def test_a_long_name_is_cut_and_a_dollar_is_no_formula(tmp_path):
    made = explanation("$\\frac$", panels(1), Answer({"$\\frac$": 0.6, "x" * 100: 0.4}, "$\\frac$"))
    save(made, tmp_path / "figure.png")
    assert "x" * 33 + "…" in texts(made)


def test_no_weight_is_a_middle_grey_and_the_largest_is_full():
    np.testing.assert_array_equal(about_grey(np.array([-2.0, 0, 1])), [0, 0.5, 0.75])
    np.testing.assert_array_equal(about_grey(np.zeros(2)), [0.5, 0.5])
