"""Learning rates, at the points where one can say what they must be."""

import pytest

from kcnn.recipes.optimize import Constant, Cosine, Steps
from kcnn.training.schedules import LearningRate


def rate(schedule, step, total=100, per_epoch=10):
    return float(LearningRate(0.5, schedule, per_epoch, total)(step))


def test_constant():
    assert rate(Constant(), 0) == rate(Constant(), 99) == 0.5


def test_warm_up_rises_linearly_to_the_peak():
    schedule = Constant(warmup_epochs=2)
    assert rate(schedule, 0) == pytest.approx(0.5 / 20)
    assert rate(schedule, 9) == pytest.approx(0.25)
    assert rate(schedule, 20) == 0.5


def test_cosine_starts_at_the_peak_is_half_in_the_middle_and_ends_at_its_final_share():
    assert rate(Cosine(), 0) == 0.5
    assert rate(Cosine(), 50) == pytest.approx(0.25)
    assert rate(Cosine(), 100) == pytest.approx(0.0, abs=1e-7)
    assert rate(Cosine(final=0.1), 100) == pytest.approx(0.05)


def test_steps_multiply_at_each_fraction():
    schedule = Steps(at=(0.5, 0.75), factor=0.1)
    assert rate(schedule, 49) == 0.5
    assert rate(schedule, 50) == pytest.approx(0.05)
    assert rate(schedule, 75) == pytest.approx(0.005)
