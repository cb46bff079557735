import numpy as np
import pytest

from kcnn.plots.figure import save
from kcnn.plots.panels import Bars, Curves, Matrix, Picture, Points, panels


def drawn(panel):
    """The axes of a figure of one panel, laid out."""
    made = panels([[panel]])
    made.canvas.draw()
    return made.axes[0]


def test_a_matrix_shows_each_of_its_numbers_in_its_cell():
    axes = drawn(Matrix(np.array([[1.0, -2.5], [0.0, 40.0]]), "kernel"))

    assert {text.get_position(): text.get_text() for text in axes.texts} == {
        (0, 0): "1",
        (1, 0): "-2.5",
        (0, 1): "0",
        (1, 1): "40",
    }
    assert axes.get_title() == "kernel"


@pytest.mark.parametrize("values", [np.array([[-1.0, 3.0]]), np.zeros((2, 2))])
def test_signed_values_are_white_at_0(values):
    (image,) = drawn(Picture(values, colours="signed")).images

    low, high = image.get_clim()
    assert low == -high < 0


def test_a_grey_picture_is_black_at_0_and_white_at_1_whatever_it_holds():
    (image,) = drawn(Picture(np.full((4, 4), 0.4))).images

    assert image.get_clim() == (0, 1)


def test_a_box_frames_whole_pixels():
    axes = drawn(Picture(np.zeros((9, 9)), boxes=[((2, 3, 4, 5), "red")]))

    (box,) = axes.patches
    assert (box.get_xy(), box.get_height(), box.get_width()) == ((2.5, 1.5), 4, 5)


def test_several_lines_have_a_legend_and_one_has_none():
    one = drawn(Curves([1, 2], {"found": [0, 1]}))
    two = drawn(Curves([1, 10], {"found": [0, 1], "lost": [1, 0]}, log="x", bottom=0))

    assert one.get_legend() is None
    assert [text.get_text() for text in two.get_legend().get_texts()] == ["found", "lost"]
    assert [label.get_text() for label in two.get_xticklabels()] == ["1", "10"]
    assert two.get_ylim()[0] == 0


def test_bars_say_their_values_and_shares_end_at_the_whole():
    counts = drawn(Bars({"dense": 1e10, "convolution": 9}))
    shares = drawn(Bars({"mlp": 0.811}, form=".1%"))

    assert [text.get_text() for text in counts.texts] == ["10,000,000,000", "9"]
    assert [text.get_text() for text in shares.texts] == ["81.1%"]
    assert [label.get_text() for label in shares.get_xticklabels()] == ["0%", "50%", "100%"]


def test_an_axis_of_bars_writes_millions_with_a_letter_and_thousandths_with_digits():
    large, small = (
        [label.get_text() for label in drawn(Bars({"a": value}, form=".3g")).get_xticklabels()]
        for value in (4e6, 0.004)
    )

    assert "2 M" in large
    assert not any("m" in label for label in small)


def test_points_lie_where_they_are_said_to_with_their_spread():
    axes = drawn(Points({"small": (2e6, 0.95), "large": (4e7, 0.99)}, spread={"small": 0.01}))

    places = [tuple(np.ravel(container.lines[0].get_data())) for container in axes.containers]
    assert places == [(2e6, 0.95), (4e7, 0.99)]
    assert [container.has_yerr for container in axes.containers] == [True, False]
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["small", "large"]
    assert "10 M" in [label.get_text() for label in axes.get_xticklabels()]


def test_a_shorter_row_leaves_room_at_its_end_and_the_figure_is_saved(tmp_path):
    made = panels([[Matrix(np.eye(2)), Bars({"a": 1})], [Picture(np.zeros((3, 3, 3)))]])

    save(made, tmp_path / "figure.png")

    assert [axes.axison for axes in made.axes] == [True, True, False, False]
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_a_caption_stands_below_the_title_and_a_dollar_is_no_formula():
    axes = drawn(Picture(np.eye(3), "$\\frac$", caption="what is seen"))

    assert axes.get_title() == "$\\frac$"
    assert [text.get_text() for text in axes.texts] == ["what is seen"]


def test_one_bright_pixel_does_not_darken_a_heat_map():
    values = np.full((40, 40), 1.0)
    values[0, 0] = 1000
    (image,) = drawn(Picture(values, colours="heat")).images

    assert image.get_clim() == (0, 1)


def test_values_over_an_image_hide_it_the_more_the_larger_they_are():
    image = np.random.default_rng(0).random((8, 8, 3))
    values = np.array([[-2.0, 0.0], [1.0, 2.0]])
    below, above = drawn(Picture(values, colours="signed", under=image)).images

    np.testing.assert_array_equal(below.get_array(), image.mean(axis=-1))
    opacity = above.get_array()[..., 3]
    assert opacity[0, 1] == 0
    assert opacity[0, 0] == opacity[1, 1] == 2 * opacity[1, 0] > 0
    assert above.get_extent() == below.get_extent()


def test_a_scale_is_drawn_where_it_is_asked_for():
    values, under = np.array([[-0.5, 0.5]]), np.zeros((4, 8, 1))
    plain, scaled = (
        panels([[Picture(values, colours="signed", under=under, scale=scale)]]) for scale in ("", "probability lost")
    )

    assert [axes.get_xlabel() for axes in scaled.axes[0].child_axes] == ["probability lost"]
    assert plain.axes[0].child_axes == []


@pytest.mark.parametrize("colours", ["heat", "signed"])
def test_values_that_are_all_0_are_drawn(tmp_path, colours):
    save(panels([[Picture(np.zeros((3, 3)), colours=colours, under=np.zeros((3, 3, 1)))]]), tmp_path / "figure.png")

    assert (tmp_path / "figure.png").stat().st_size > 0
