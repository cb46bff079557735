"""Steps that fit into some minutes, from real clock time."""

import threading
import time
from types import SimpleNamespace

import pytest

from kcnn.experiment import budget
from kcnn.experiment.budget import steps_within
from kcnn.training.trainer import Stopped


class Clockwork:
    """A trainer whose parts take known times."""

    def __init__(self, first=0.0, step=0.0, steps_per_epoch=10, epochs=1000):
        self.stop = threading.Event()
        self.first, self.seconds, self.steps_per_epoch, self.epochs = first, step, steps_per_epoch, epochs

    def fit(self, batches, evaluate, observer):
        time.sleep(self.first)
        for epoch in range(self.epochs):
            for step in range(self.steps_per_epoch):
                time.sleep(self.seconds)
                observer.step(SimpleNamespace(done=epoch * self.steps_per_epoch + step + 1))
                if self.stop.is_set():
                    raise Stopped
            if evaluate:
                evaluate(self)
            observer.epoch(epoch, {})


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(budget, "TRIAL_SECONDS", 2.0)


def validation(_):
    time.sleep(0.2)
    return {"val_loss": 0.0}


def test_many_epochs_fill_the_time_with_their_ends_and_one_beginning():
    steps = steps_within(0.5, Clockwork(first=1.0, step=0.02), None, validation)
    assert steps == pytest.approx((30 - 1) / (10 * 0.02 + 0.2) * 10, rel=0.2)


def test_epochs_longer_than_the_trial_are_reckoned_from_steps_and_a_validation():
    steps = steps_within(0.5, Clockwork(first=1.0, step=0.01, steps_per_epoch=1000), None, validation)
    assert steps == pytest.approx((30 - 1) / (1000 * 0.01 + 0.2) * 1000, rel=0.2)


def test_less_than_an_epoch_still_leaves_time_for_the_validation():
    steps = steps_within(0.1, Clockwork(step=0.01, steps_per_epoch=10_000), None, validation)
    assert steps == pytest.approx((6 - 0.2) / 0.01, rel=0.2)


def test_there_is_always_one_step():
    assert steps_within(1e-9, Clockwork(step=0.01), None, None) == 1


def test_a_plan_shorter_than_the_trial_is_enough_to_reckon_from():
    steps = steps_within(0.1, Clockwork(step=0.02, steps_per_epoch=20, epochs=1), None, None)
    assert steps == pytest.approx(6 / 0.02, rel=0.25)
