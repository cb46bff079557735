"""Speed and waiting of an epoch, by a clock that only moves when something takes time."""

import math

import pytest

from kcnn.training import clock as module
from kcnn.training.clock import Clock, usual


class Time:
    now = 100.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def time(monkeypatch):
    made = Time()
    monkeypatch.setattr(module, "time", made)
    return made


def batches(time, seconds):
    """Each comes after so long."""
    for number, each in enumerate(seconds):
        time.now += each
        yield number


def epoch(time, waits, work, step=0, count=0.0):
    """An epoch gone on with after so many steps and examples; a step takes `work` seconds and has ten examples."""
    clock = Clock(step, count)
    for number in clock.waited(batches(time, waits)):
        time.now += work[number]
        step, count = step + 1, count + 10
        clock.first_step_is_over(step, [count])
    return clock, count


def test_speed_and_waiting_are_those_from_the_second_step_on(time):
    clock, count = epoch(time, [5, 1, 1, 2], [30, 1, 2, 1])

    assert clock.elapsed() == 43
    assert clock.rate(count) == 30 / 8
    assert clock.waiting(count) == 4 / 8


def test_of_a_single_step_there_is_nothing_else_to_measure(time):
    clock, count = epoch(time, [1], [3])

    assert clock.rate(count) == 10 / 4
    assert clock.waiting(count) == 1 / 4


def test_an_epoch_that_is_gone_on_with_measures_what_is_done_from_there(time):
    clock, count = epoch(time, [9, 1, 1], [9, 3, 3], step=7, count=70.0)

    assert clock.rate(count) == 20 / 8
    assert clock.waiting(count) == 2 / 8


def test_an_epoch_that_is_gone_on_with_at_its_end_has_neither(time):
    clock, count = epoch(time, [], [], step=7, count=70.0)

    assert math.isnan(clock.rate(count))
    assert math.isnan(clock.waiting(count))


def test_batches_come_through_unchanged_and_only_when_asked_for(time):
    came = Clock(0, 0.0).waited(batches(time, [1, 1]))

    assert (next(came), time.now) == (0, 101)
    assert list(came) == [1]


def test_what_is_usual_is_the_median_of_the_epochs_that_know():
    history = [{"waiting": 0.1}, {"waiting": math.nan}, {}, {"waiting": 0.5}, {"waiting": 0.2}]

    assert usual(history, "waiting") == 0.2
    assert math.isnan(usual(history[1:3], "waiting"))
