"""Figures as a reader sees them: something is drawn, and it is labelled."""

from itertools import pairwise

import matplotlib.text
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from kcnn.plots.comparison import comparison
from kcnn.plots.confusion import confusion
from kcnn.plots.curves import curves
from kcnn.plots.figure import BLUE, figure, logarithmic, save
from kcnn.plots.images import contact_sheet, mosaic

NAN = float("nan")


@pytest.fixture
def pixels(tmp_path):
    """The pixels of a figure on disk."""

    def read(made):
        path = tmp_path / "figure.png"
        save(made, path)
        with Image.open(path) as image:
            assert image.format == "PNG"
            return np.asarray(image.convert("RGB"))

    return read


def texts(made):
    """Everything that is written on a figure."""
    return [text.get_text() for text in made.findobj(matplotlib.text.Text) if text.get_text()]


def points(axes):
    """The points of each line of an axes, by its label."""
    return {line.get_label(): line.get_xydata().tolist() for line in axes.get_lines()}


def holds_colour(pixels, colour):
    wanted = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)])
    return bool((np.abs(pixels.astype(int) - wanted).max(-1) < 8).any())


# On disk


def test_a_figure_without_data_has_no_blue_in_it(pixels):
    assert not holds_colour(pixels(figure(2, 2)[0]), BLUE)


def test_a_saved_figure_replaces_the_old_one_and_leaves_nothing_else(tmp_path):
    for width in (2, 3):
        save(figure(width, 1)[0], tmp_path / "new" / "figure.png")
    with Image.open(tmp_path / "new" / "figure.png") as image:
        assert image.width == 3 * 130
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["figure.png"]


# Curves


def epoch(number, **more):
    return {"loss": 2.0 / number, "accuracy": 1 - 0.5 / number, "learning_rate": 0.1 / number} | more


def test_curves_have_a_line_for_training_and_one_for_held_out_images(pixels):
    history = [epoch(1, val_loss=2.5, val_accuracy=0.4), epoch(2, val_loss=1.5, val_accuracy=0.6)]
    made = curves(history)
    loss, accuracy, rate = made.axes
    assert points(loss) == {"training": [[1, 2.0], [2, 1.0]], "held out": [[1, 2.5], [2, 1.5]]}
    assert points(accuracy) == {"training": [[1, 0.5], [2, 0.75]], "held out": [[1, 0.4], [2, 0.6]]}
    assert points(rate) == {"learning rate": [[1, 0.1], [2, 0.05]]}
    assert holds_colour(pixels(made), BLUE)


def test_curves_say_what_they_show():
    made = curves([epoch(1, val_loss=2.5, val_accuracy=0.4)])
    written = texts(made)
    for label in ("loss", "accuracy", "learning rate", "training", "held out"):
        assert label in written
    assert [axes.get_xlabel() for axes in made.axes] == ["epoch"] * 3


def test_curves_without_held_out_images_have_training_alone(pixels):
    made = curves([epoch(1), epoch(2)])
    assert list(points(made.axes[0])) == ["training"]
    assert "held out" not in texts(made)
    assert holds_colour(pixels(made), BLUE)


def test_curves_show_a_held_out_measurement_at_its_own_epoch():
    made = curves([epoch(1), epoch(2, val_loss=1.5), epoch(3), epoch(4, val_loss=0.5)])
    assert points(made.axes[0])["held out"] == [[2, 1.5], [4, 0.5]]


def test_curves_of_one_epoch_are_dots_that_can_be_seen(pixels):
    made = curves([epoch(1, val_loss=2.5, val_accuracy=0.4)])
    assert [line.get_marker() for axes in made.axes for line in axes.get_lines()] == ["o"] * 5
    assert holds_colour(pixels(made), BLUE)


def test_curves_count_epochs_in_whole_numbers():
    made = curves([epoch(1), epoch(2)])
    made.draw_without_rendering()
    assert all(float(tick).is_integer() for tick in made.axes[0].get_xticks())


def test_curves_of_a_training_that_diverged_are_drawn_up_to_there(pixels):
    history = [epoch(1), epoch(2), epoch(3, loss=NAN), epoch(4, loss=float("inf"))]
    made = curves(history)
    assert holds_colour(pixels(made), BLUE)
    low, high = made.axes[0].get_ylim()
    assert 0 < low < 1 < 2 < high < 3  # the losses before, not the infinite one after


def test_curves_of_nothing_but_nan_are_drawn_empty(pixels):
    made = curves([epoch(1, loss=NAN, accuracy=NAN), epoch(2, loss=NAN, accuracy=NAN)])
    assert pixels(made).std() > 0
    assert "loss" in texts(made)


# Confusion


def test_a_confusion_matrix_tells_truth_answers_and_counts(pixels):
    made = confusion(np.array([[1234, 1], [0, 5]]), ["ant", "bee"])
    written = texts(made)
    axes = made.axes[0]
    assert "1,239 of 1,240 right" in written
    assert [label.get_text() for label in axes.get_xticklabels()] == ["ant", "bee"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["ant", "bee"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("answer", "truth")
    assert "share of the true class" in written
    assert pixels(made).std() > 0


def test_a_count_stands_in_the_row_of_its_truth_and_the_column_of_its_answer():
    axes = confusion(np.array([[3, 1], [0, 5]]), ["a", "b"]).axes[0]
    assert {text.get_position(): text.get_text() for text in axes.texts} == {(0, 0): "3", (1, 0): "1", (1, 1): "5"}


def test_a_confusion_matrix_is_shaded_by_the_share_of_the_true_class():
    shades = confusion(np.array([[3, 1], [0, 50]]), ["a", "b"]).axes[0].get_images()[0].get_array()
    assert shades.tolist() == [[0.75, 0.25], [0.0, 1.0]]


def test_a_class_without_examples_is_a_row_without_shade(pixels):
    made = confusion(np.array([[0, 0], [0, 5]]), ["a", "b"])
    assert made.axes[0].get_images()[0].get_array().tolist() == [[0.0, 0.0], [0.0, 1.0]]
    assert pixels(made).std() > 0


def test_forty_classes_are_drawn_without_numbers_that_nobody_could_read(pixels):
    made = confusion(np.eye(40, dtype=int), [f"class {number}" for number in range(40)])
    written = texts(made)
    assert "40 of 40 right" in written
    assert "class 7" not in written
    assert not list(made.axes[0].texts)
    assert max(made.get_size_inches()) <= 15
    assert pixels(made).std() > 0


# Comparison


def run(recipe, parameters, **more):
    return {"recipe": recipe, "parameters": parameters, "multiply_adds": 3 * parameters, "seconds": 7.5} | more


RUNS = [
    run("mlp_digits", 1000, test_accuracy=0.9, val_accuracy=0.8),
    run("lenet5_digits", 2000, test_accuracy=0.95, val_accuracy=0.85),
]


def test_a_comparison_has_every_run_at_what_it_costs_by_name(pixels):
    made = comparison(RUNS)
    for axes, cost in zip(made.axes, ("parameters", "multiply_adds", "seconds"), strict=True):
        assert [line.get_xydata().tolist() for line in axes.get_lines()] == [
            [[row[cost], row["test_accuracy"]]] for row in RUNS
        ]
        assert [text.get_text() for text in axes.texts] == ["mlp_digits", "lenet5_digits"]
    assert holds_colour(pixels(made), BLUE)


def test_a_comparison_says_what_it_shows():
    made = comparison(RUNS)
    assert [axes.get_xlabel() for axes in made.axes] == [
        "parameters",
        "multiply-adds an example",
        "seconds of training",
    ]
    assert made.axes[0].get_ylabel() == "test accuracy"


@pytest.mark.parametrize("none", [{}, {"test_accuracy": None}])
def test_a_comparison_without_test_accuracies_shows_those_on_validation(pixels, none):
    made = comparison([run("mlp", 1000, val_accuracy=0.8, **none), run("lenet", 2000, val_accuracy=0.9, **none)])
    assert made.axes[0].get_ylabel() == "validation accuracy"
    assert [line.get_ydata()[0] for line in made.axes[0].get_lines()] == [0.8, 0.9]
    assert holds_colour(pixels(made), BLUE)


def test_a_run_without_the_accuracy_that_is_compared_is_left_out():
    made = comparison([*RUNS, run("untested", 3000, val_accuracy=0.99)])
    assert "untested" not in texts(made)
    assert len(made.axes[0].get_lines()) == 2


def test_a_single_run_is_drawn(pixels):
    assert holds_colour(pixels(comparison(RUNS[:1])), BLUE)


def test_a_comparison_of_runs_without_any_accuracy_is_drawn_empty(pixels):
    made = comparison([run("mlp", 1000)])
    assert not holds_colour(pixels(made), BLUE)
    assert "parameters" in texts(made)


# Contact sheet


@pytest.mark.parametrize("channels", [1, 3])
def test_a_contact_sheet_has_every_image_under_its_caption(pixels, channels):
    images = np.random.default_rng(0).integers(0, 256, (11, 6, 5, channels), np.uint8)
    captions = [f"image {number}" for number in range(11)]
    made = contact_sheet(images, captions)
    shown = [axes for axes in made.axes if axes.get_images()]
    assert [axes.get_title() for axes in shown] == captions
    for axes, image in zip(shown, images, strict=True):
        assert np.array_equal(axes.get_images()[0].get_array(), image.squeeze(-1) if channels == 1 else image)
    assert pixels(made).std() > 0


def test_a_dark_grey_image_stays_dark(pixels):
    drawn = pixels(contact_sheet(np.full((1, 4, 4, 1), 30, np.uint8), [""]))
    assert (drawn == 30).all(-1).any()


# Names


@pytest.mark.parametrize("name", ["5$ and 6$", "$\\frac$"])
def test_names_are_not_read_as_formulas(pixels, name):
    for made in (
        confusion(np.eye(2, dtype=int), [name, "b"]),
        contact_sheet(np.zeros((1, 4, 4, 3), np.uint8), [name]),
        comparison([run(name, 10, test_accuracy=0.5)]),
    ):
        assert pixels(made).std() > 0
        named = [text for text in made.findobj(matplotlib.text.Text) if text.get_text() == name]
        assert named
        assert not any(text.get_parse_math() for text in named)


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


def test_the_labels_of_a_logarithmic_axis_do_not_touch():
    for values in ([2e6, 7e7], [1e3, 3e6], [4e5, 6e5]):
        made, (axes,) = figure(5, 3)  # as wide as one of two or three beside one another
        axes.plot(values, values)
        logarithmic(axes, values)
        canvas = FigureCanvasAgg(made)
        canvas.draw()
        shown = [label for label in axes.get_xticklabels(which="both") if label.get_text()]
        low, high = axes.get_xlim()
        places = sorted(
            (box.x0, box.x1)
            for label in shown
            if low <= label.get_position()[0] <= high and (box := label.get_window_extent(canvas.get_renderer()))
        )
        assert places
        assert all(left[1] < right[0] for left, right in pairwise(places))
