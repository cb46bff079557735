"""Steps that fit into some minutes, from real clock time."""

import time
from types import SimpleNamespace

import pytest
import tensorflow as tf

from kcnn.experiment.budget import steps_within


def clockwork(train, predict=0.0):
    """A trainer whose steps take known times."""

    def after(seconds):
        time.sleep(seconds)
        return tf.constant(0.0)

    step = SimpleNamespace(train=lambda _: after(train), predict=lambda _: (after(predict),))
    return SimpleNamespace(step=step, distributed=iter, strategy=tf.distribute.get_strategy())


def batches(count):
    return SimpleNamespace(dataset=range(count), count=count)


def test_steps_fill_the_time():
    steps = steps_within(0.5, clockwork(0.01), batches(100), None, per_epoch=100)
    assert steps == pytest.approx(30 / 0.01, rel=0.2)


def test_validation_takes_its_part_of_the_time():
    steps = steps_within(0.5, clockwork(0.01, 0.02), batches(50), batches(25), per_epoch=50)
    assert steps == pytest.approx(30 / 0.02, rel=0.2)


def test_there_is_always_one_step():
    assert steps_within(1e-9, clockwork(0.01), batches(3), None, per_epoch=3) == 1


def test_one_batch_is_enough_to_measure():
    steps = steps_within(0.1, clockwork(0.02), batches(1), None, per_epoch=1)
    assert steps == pytest.approx(6 / 0.02, rel=0.2)
