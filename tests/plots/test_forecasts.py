"""Forecasts as a reader sees them."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from matplotlib.dates import date2num
from PIL import Image

from kcnn.plots.figure import save
from kcnn.plots.forecasts import Ahead, Panel, panels

RNG = np.random.default_rng(0)
LEVELS = RNG.normal(size=30).cumsum()
STEPS = np.arange(1, 31)
DATES = np.array([datetime(2026, 1, 1) + timedelta(days=day) for day in range(33)])


def panel(name="rate", times=STEPS, first=27, steps=3):
    said = np.full(steps, 2.0)
    bands = [(said - 1, said + 1), (said - 2, said + 2)]
    return Panel(name, times[:30], LEVELS, [Ahead(times[first : first + steps], said, bands)])


def test_truth_and_forecast_are_lines_and_intervals_bands_around_it():
    made = panels([panel()])

    (axes,) = made.axes
    truth, forecast = axes.lines
    np.testing.assert_array_equal(truth.get_ydata(), LEVELS)
    np.testing.assert_array_equal(forecast.get_xdata(), [28, 29, 30])
    np.testing.assert_array_equal(forecast.get_ydata(), 2.0)
    heights = [band.get_paths()[0].get_extents().height for band in axes.collections]
    assert heights == pytest.approx([2, 4])
    assert [text.get_text() for text in made.legends[0].get_texts()] == ["truth", "forecast", "80 %", "95 %"]
    assert axes.get_title(loc="left") == "rate"


def test_a_panel_may_have_several_fans_and_they_are_named_once():
    one, other = panel(), panel(first=10)

    made = panels([Panel("a", one.times, one.levels, [*one.ahead, *other.ahead])])

    assert len(made.axes[0].lines) == 3
    assert len(made.axes[0].collections) == 4
    assert len(made.legends[0].get_texts()) == 4


def test_dates_are_on_the_axis_also_of_what_is_to_come():
    made = panels([panel(times=DATES, first=30)])

    _, forecast = made.axes[0].lines
    np.testing.assert_allclose(date2num(forecast.get_xdata()), date2num(DATES[30:]))


def test_of_many_series_the_first_are_drawn_and_it_is_said():
    made = panels([panel(name=f"$s_{number}") for number in range(15)])

    drawn = [axes for axes in made.axes if axes.axison]
    assert [axes.get_title(loc="left") for axes in drawn] == [f"$s_{number}" for number in range(12)]
    assert made.get_suptitle() == "the first 12 of 15 series"


def test_a_place_of_the_grid_that_is_left_over_is_empty():
    made = panels([panel()] * 3)

    assert [axes.axison for axes in made.axes] == [True, True, True, False]


@pytest.mark.parametrize("times", [STEPS, DATES])
def test_a_single_step_and_what_is_not_finite_are_drawn_without_a_fault(tmp_path, times):
    said = np.array([np.inf, np.nan])
    wild = Panel("wild", times[:30], LEVELS, [Ahead(times[28:30], said, [(said, said)])])

    save(panels([panel(times=times, steps=1), wild]), tmp_path / "figure.png")

    with Image.open(tmp_path / "figure.png") as image:
        assert np.asarray(image.convert("L")).min() < 200
