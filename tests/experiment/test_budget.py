"""Steps that fit into some minutes, by a clock that only moves when something takes time."""

import threading
from types import SimpleNamespace

import pytest

from kcnn.experiment import budget
from kcnn.experiment.budget import steps_within
from kcnn.training.trainer import Stopped


class Clock:
    now = 0.0

    def sleep(self, seconds):
        self.now += seconds

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(budget, "time", made)
    return made


class Clockwork:
    """A trainer whose parts take known times."""

    def __init__(self, clock, first=0.0, step=0.0, steps_per_epoch=10, epochs=1000):
        self.stop = threading.Event()
        self.clock, self.first, self.seconds = clock, first, step
        self.steps_per_epoch, self.epochs = steps_per_epoch, epochs

    def fit(self, batches, evaluate, observer):
        self.clock.sleep(self.first)
        for epoch in range(self.epochs):
            for step in range(self.steps_per_epoch):
                self.clock.sleep(self.seconds)
                observer.step(SimpleNamespace(done=epoch * self.steps_per_epoch + step + 1))
                if self.stop.is_set():
                    raise Stopped
            if evaluate:
                evaluate(self)
            observer.epoch(epoch, {})


def validation(trainer):
    trainer.clock.sleep(0.2)
    return {"val_loss": 0.0}


def test_many_epochs_fill_the_time_with_their_ends_and_one_beginning(clock):
    steps = steps_within(0.5, Clockwork(clock, first=1.0, step=0.02), None, validation)
    assert steps == pytest.approx((30 - 1) / (10 * 0.02 + 0.2) * 10, rel=0.05)


def test_epochs_longer_than_the_trial_are_reckoned_from_steps_and_a_validation(clock):
    steps = steps_within(0.5, Clockwork(clock, first=1.0, step=0.01, steps_per_epoch=1000), None, validation)
    assert steps == pytest.approx((30 - 1) / (1000 * 0.01 + 0.2) * 1000, rel=0.05)


def test_less_than_an_epoch_still_leaves_time_for_the_validation(clock):
    steps = steps_within(0.1, Clockwork(clock, step=0.01, steps_per_epoch=10_000), None, validation)
    assert steps == pytest.approx((6 - 0.2) / 0.01, rel=0.05)


def test_there_is_always_one_step(clock):
    assert steps_within(1e-9, Clockwork(clock, step=0.01), None, None) == 1


def test_a_plan_shorter_than_the_trial_is_enough_to_reckon_from(clock):
    steps = steps_within(0.1, Clockwork(clock, step=0.02, steps_per_epoch=20, epochs=1), None, None)
    assert steps == pytest.approx(6 / 0.02, rel=0.1)
