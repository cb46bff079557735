"""Series and texts as a reader sees them."""

from itertools import pairwise

import matplotlib.text
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from kcnn.plots.comparison import comparison
from kcnn.plots.curves import curves
from kcnn.plots.figure import BLUE, GREY, ORANGE, save
from kcnn.plots.series import rolls, scatter, steps, traces
from kcnn.plots.texts import Worded, page
from kcnn.plots.trials import trials

RNG = np.random.default_rng(0)
NAN = float("nan")


@pytest.fixture
def pixels(tmp_path):
    """The pixels of a figure on disk."""

    def read(made):
        save(made, tmp_path / "figure.png")
        with Image.open(tmp_path / "figure.png") as image:
            return np.asarray(image.convert("RGB"))

    return read


def texts(made):
    """Everything that is written on a figure."""
    return [text.get_text() for text in made.findobj(matplotlib.text.Text) if text.get_text()]


def drawn(axes):
    """The data of the only picture of an axes."""
    (picture,) = axes.get_images()
    return picture.get_array()


# Series


def test_every_series_has_a_row_with_a_line_a_channel_under_its_caption(pixels):
    series = RNG.normal(size=(3, 12, 2))

    made = traces(series, ["one", "two", "three"])

    assert [axes.get_title(loc="left") for axes in made.axes] == ["one", "two", "three"]
    for axes, values in zip(made.axes, series, strict=True):
        np.testing.assert_array_equal([line.get_ydata() for line in axes.get_lines()], values.T)
        assert [line.get_color() for line in axes.get_lines()] == [BLUE, ORANGE]
    assert made.axes[-1].get_xlabel() == "step"
    assert pixels(made).std() > 0


@pytest.mark.parametrize("count", [1, 8])
def test_one_series_of_many_channels_and_gaps_is_drawn(pixels, count):
    series = RNG.normal(size=(count, 5, 9))
    series[:, :2] = NAN

    assert pixels(traces(series, [""] * 8)).std() > 0


def test_answers_are_points_against_the_truth_and_a_line_where_both_agree(pixels):
    truths, answers = np.array([[0.0, 5], [2, 7]]), np.array([[1.0, 5], [4, 6]])

    made = scatter(truths, answers, ["sum", "product"])

    assert [axes.get_xlabel() for axes in made.axes] == ["sum, true", "product, true"]
    assert [axes.get_ylabel() for axes in made.axes] == ["sum, answered", "product, answered"]
    for output, (axes, ends) in enumerate(zip(made.axes, ([0, 4], [5, 7]), strict=True)):
        (line,), (points,) = axes.get_lines(), axes.collections
        assert line.get_xydata().tolist() == [[ends[0]] * 2, [ends[1]] * 2]
        np.testing.assert_array_equal(points.get_offsets(), np.stack([truths[:, output], answers[:, output]], -1))
    assert pixels(made).std() > 0


def labelled():
    """Three series of 50 steps: blank but for the last five, one is answered otherwise; the last is shorter."""
    truths = np.zeros((3, 50), int)
    truths[:, -5:] = RNG.integers(1, 4, (3, 5))
    answers, weights = truths.copy(), np.ones((3, 50))
    answers[0, 47] = 0
    weights[2, 48:] = 0
    return truths, answers, weights


def test_labels_are_shown_beside_the_answers_where_anything_happens(pixels):
    truths, answers, weights = labelled()

    made = steps(truths, answers, weights, ["blank", "a", "b", "c"])

    true, answered = made.axes[:2]
    assert [axes.get_title() for axes in (true, answered)] == ["true", "answered"]
    np.testing.assert_array_equal(drawn(true)[:2], truths[:2, 35:])
    np.testing.assert_array_equal(drawn(answered)[:2], answers[:2, 35:])
    assert np.isnan(np.ma.filled(drawn(true)[2].astype(float), NAN)).tolist() == [False] * 13 + [True] * 2
    assert {"blank", "a", "b", "c"} <= set(texts(made))
    assert pixels(made).std() > 0


def test_labels_that_never_change_are_shown_whole(pixels):
    made = steps(np.zeros((2, 9), int), np.zeros((2, 9), int), np.ones((2, 9)), ["blank", "a"])

    assert drawn(made.axes[0]).shape == (2, 9)
    assert pixels(made).std() > 0


def test_of_many_classes_the_colours_are_not_named(pixels):
    truths, answers, weights = labelled()

    made = steps(truths, answers, weights, [f"class {number}" for number in range(30)])

    assert "class 7" not in texts(made)
    assert pixels(made).std() > 0


def test_a_roll_has_time_to_the_right_and_the_last_key_on_top(pixels):
    roll, expected = RNG.integers(0, 2, (14, 88)), RNG.random((14, 88))
    names = [f"key {number}" for number in range(88)]

    made = rolls([("what came", roll), ("what was expected", expected)], names)

    assert [axes.get_title(loc="left") for axes in made.axes] == ["what came", "what was expected"]
    for axes, values in zip(made.axes, (roll, expected), strict=True):
        np.testing.assert_array_equal(drawn(axes), values.T)
        low, high = axes.get_ylim()
        assert low < high
        assert axes.get_images()[0].get_clim() == (0, 1)
    assert {"key 0", "key 87"} <= set(texts(made))
    assert pixels(made).std() > 0


def test_a_roll_of_one_channel_and_step_is_drawn(pixels):
    assert pixels(rolls([("seen", np.ones((1, 1)))], ["value"])).std() > 0


# Texts


def test_every_word_is_written_under_the_caption_of_its_text(pixels):
    made = page([Worded("pos", ["a", "gripping", "film"]), Worded("neg", ["dull"])], "What it sees", "a scale")

    assert texts(made)[:2] == ["pos", "a"]
    assert {"gripping", "film", "neg", "dull", "What it sees", "a scale"} <= set(texts(made))
    assert pixels(made).std() > 0


def colours(made):
    """The colour behind each word."""
    return {
        text.get_text(): text.get_bbox_patch().get_facecolor()
        for text in made.findobj(matplotlib.text.Text)
        if text.get_bbox_patch()
    }


def test_what_speaks_for_the_class_is_blue_against_it_red_and_what_says_nothing_white():
    found = colours(page([Worded("pos", ["good", "film", "bad", "dire"], [2.0, 0.0, -1.0, -2.0])]))

    assert found["good"][2] > found["good"][0] + 0.2
    assert found["dire"][0] > found["dire"][2] + 0.2
    assert found["dire"][0] - found["dire"][2] > found["bad"][0] - found["bad"][2] > 0
    assert min(found["film"][:3]) > 0.95


def test_colours_are_as_strong_as_the_strongest_word_of_all_texts():
    both = [Worded("a", ["weak"], [1.0]), Worded("b", ["strong"], [10.0])]

    alone, beside = colours(page(both[:1])), colours(page(both))

    assert alone["weak"] == beside["strong"] != beside["weak"]


@pytest.mark.parametrize("value", [0.0, -0.0])
def test_a_text_that_says_nothing_is_drawn(pixels, value):
    assert pixels(page([Worded("pos", ["film"], [value])])).std() > 0


def test_words_that_do_not_fit_stand_in_the_next_line_and_none_beside_the_page():
    words = [f"word{number}" for number in range(60)] + ["x" * 40]
    made = page([Worded("pos", words, [0.1] * 61)])
    canvas = FigureCanvasAgg(made)
    canvas.draw()

    boxes = {
        text.get_text(): text.get_window_extent(canvas.get_renderer())
        for text in made.findobj(matplotlib.text.Text)
        if text.get_text() in words
    }

    assert len(boxes) == 61
    assert all(0 <= box.x0 < box.x1 <= canvas.get_width_height()[0] for box in boxes.values())
    lines = {}
    for box in boxes.values():
        lines.setdefault(round(box.y0), []).append((box.x0, box.x1))
    assert len(lines) > 3
    for line in map(sorted, lines.values()):
        assert all(left[1] <= right[0] for left, right in pairwise(line))


def test_of_a_word_that_is_wider_than_the_page_the_beginning_is_shown(pixels):
    address = "https://example.org/" + "a" * 150

    made = page([Worded("pos", ["see", address, "there"], [0.1, 1.0, 0.1])])

    assert pixels(made).std() > 0
    assert list(colours(made)) == ["see", f"{address[:100]}…", "there"]
    canvas = FigureCanvasAgg(made)
    canvas.draw()
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in made.axes[0].texts]
    assert max(box.x1 for box in boxes) <= canvas.get_width_height()[0]


@pytest.mark.parametrize("name", ["5$ and 6$", "$\\frac$"])
def test_words_and_names_are_not_read_as_formulas(pixels, name):
    for made in (
        page([Worded(name, [name], [1.0])], name),
        traces(np.zeros((1, 3, 1)), [name]),
        scatter(np.zeros((2, 1)), np.zeros((2, 1)), [name]),
        rolls([("seen", np.zeros((3, 1)))], [name]),
        steps(np.eye(3, dtype=int), np.eye(3, dtype=int), np.ones((3, 3)), ["a", name]),
        trials({"loss": {name: [1.0, 2.0]}}),
    ):
        assert pixels(made).std() > 0
        assert any(name in text.replace("\n", "_") for text in texts(made))


# Trials


def lines(axes):
    return [line.get_ydata().tolist() for line in axes.get_lines()]


def test_a_trial_is_a_line_from_recipe_to_recipe_and_a_bar_is_the_mean(pixels):
    made = trials({"loss": {"tcn_copy": [1.0, 3.0], "lstm_copy": [4.0, 6.0]}})

    (axes,) = made.axes
    assert lines(axes) == [[1, 4], [3, 6], [2, 2], [5, 5]]
    assert {"2", "5", "loss", "tcn\ncopy", "lstm\ncopy"} <= set(texts(made))
    assert pixels(made).std() > 0


def test_a_trial_that_failed_is_left_out_of_the_mean(pixels):
    made = trials({"loss": {"a": [1.0, 3.0], "b": [4.0]}})

    assert lines(made.axes[0])[2:] == [[2, 2], [4, 4]]
    assert pixels(made).std() > 0


@pytest.mark.parametrize(
    ("values", "scale"),
    [([1e-4, 0.2], "log"), ([0.1, 0.2], "linear"), ([0.0, 0.2], "linear"), ([-1.0, 90.0], "linear")],
)
def test_losses_that_lie_far_apart_are_drawn_by_powers_of_ten(pixels, values, scale):
    made = trials({"loss": {"a": values}})

    assert made.axes[0].get_yscale() == scale
    assert pixels(made).std() > 0


def test_several_measures_have_an_axes_each():
    made = trials({name: {"a": [0.5, 0.6]} for name in ("iou", "dice", "loss")})

    assert [axes.get_title() for axes in made.axes if axes.axison] == ["iou", "dice", "loss"]


# Curves


def epoch(loss, **more):
    return {"loss": loss, "learning_rate": 0.1} | more


def test_the_loss_that_is_to_be_beaten_is_a_line(pixels):
    made = curves([epoch(2.0), epoch(1.0, val_loss=1.5)], blind_loss=1.7)

    (mark,) = [line for line in made.axes[0].get_lines() if line.get_label() == "blind to the input"]
    assert set(mark.get_ydata()) == {1.7}
    assert mark.get_color() == GREY
    assert "blind to the input" in texts(made)
    assert not [line for line in made.axes[1].get_lines() if line.get_label() == "blind to the input"]
    assert pixels(made).std() > 0


def test_without_one_there_is_no_such_line():
    assert "blind to the input" not in texts(curves([epoch(2.0)]))


@pytest.mark.parametrize(("loss", "scale"), [(1e-3, "log"), (0.5, "linear"), (0.0, "linear"), (NAN, "linear")])
def test_a_loss_far_below_it_is_drawn_by_powers_of_ten(pixels, loss, scale):
    made = curves([epoch(0.5), epoch(loss)], blind_loss=1.0)

    assert made.axes[0].get_yscale() == scale
    assert pixels(made).std() > 0


# Comparison


def test_runs_that_are_compared_by_their_loss_are_not_drawn_in_percent():
    rows = [
        {"recipe": name, "parameters": 100, "multiply_adds": 300, "seconds": 7.5, "test_loss": loss}
        for name, loss in (("tcn", 0.2), ("lstm", 8.5))
    ]

    made = comparison(rows, "loss")
    made.draw_without_rendering()

    assert made.axes[0].get_ylabel() == "test loss"
    assert not any("%" in text for text in texts(made))
