"""The training loop on one device: learning, stopping, resuming, early stopping, divergence."""

import time

import numpy as np
import pytest
import tensorflow as tf

from kcnn.recipes.optimize import Adam, AdamW, Cosine, RmsProp, Sgd
from kcnn.recipes.train import Train
from kcnn.training import trainer as module
from kcnn.training.strategies import strategy
from kcnn.training.trainer import Diverged, Stopped, Trainer
from tests.training import rig

PICTURES, LABELS = rig.images(60)
STEPS = 5


class Listening:
    """Remembers, and stops the training after so many steps if asked."""

    def __init__(self):
        self.epochs, self.reports = [], []

    def step(self, report):
        self.reports.append(report)

    def epoch(self, epoch, metrics):
        self.epochs.append(metrics)


def batches(epoch, start):
    order = np.array_split(np.random.default_rng(epoch).permutation(60), STEPS)[start:]

    def generate():
        for chosen in order:
            yield PICTURES[chosen], LABELS[chosen], np.ones(len(chosen), np.float32)

    signature = (
        tf.TensorSpec((None, 8, 8, 3), tf.uint8),
        tf.TensorSpec((None,), tf.int64),
        tf.TensorSpec((None,), tf.float32),
    )
    return tf.data.Dataset.from_generator(generate, output_signature=signature)


def make(folder, optimizer=None, **plan):
    return Trainer(
        rig.network(dropout=0.2),
        Train(**{"epochs": 4} | plan),
        optimizer or Sgd(lr=0.1),
        Cosine(),
        rig.standardize,
        strategy(),
        STEPS,
        folder,
    )


def fit(made, evaluate=None):
    heard = Listening()
    made.fit(batches, evaluate, heard)
    return heard


@pytest.mark.parametrize("optimizer", [Sgd(lr=0.1, nesterov=True), Adam(lr=0.01), AdamW(lr=0.01), RmsProp(lr=0.01)])
def test_every_optimizer_lowers_the_loss(tmp_path, optimizer):
    history = fit(make(tmp_path, optimizer, epochs=6)).epochs
    assert history[-1]["loss"] < 0.8 * history[0]["loss"]


def test_the_weights_end_in_the_model_that_was_given(tmp_path):
    made = make(tmp_path)
    before = made.model.get_weights()
    fit(made)
    assert any(not np.array_equal(*pair) for pair in zip(before, made.model.get_weights(), strict=True))
    for ours, theirs in zip(made.model.get_weights(), made.trained.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_weight_decay_is_the_papers_added_to_the_gradient(tmp_path):
    """Against the update by hand: v = m v + (g + d w), w = w - lr v."""
    plain, decayed = (rig.trainer(rig.network(), tmp_path, optimizer=Sgd(lr=0.1, weight_decay=d)) for d in (0, 0.5))
    before = [weight.numpy() for weight in plain.trained.trainable_variables]
    rig.losses(plain, 1, 13)
    rig.losses(decayed, 1, 13)
    for start, without, with_decay in zip(
        before, plain.trained.trainable_variables, decayed.trained.trainable_variables, strict=True
    ):
        np.testing.assert_allclose(with_decay.numpy(), without.numpy() - 0.1 * 0.5 * start, atol=1e-5)


def test_the_penalty_of_adam_is_in_its_gradient_and_its_moments(tmp_path):
    """Adam's first step is the sign of the gradient: where the penalty outweighs the loss, that of the weight."""
    made = rig.trainer(rig.network(), tmp_path, optimizer=Adam(lr=0.01, l2=1e4))
    before = [weight.numpy() for weight in made.trained.trainable_variables]
    rig.losses(made, 1, 13)

    for start, weight in zip(before, made.trained.trainable_variables, strict=True):
        there = np.abs(start) > 1e-2
        np.testing.assert_allclose((weight.numpy() - start)[there], -0.01 * np.sign(start[there]), rtol=1e-2)


@pytest.mark.parametrize("steps", [1, 5, 7, 12])
def test_a_training_stopped_at_any_step_and_resumed_ends_as_if_it_had_not_been(tmp_path, monkeypatch, steps):
    whole = make(tmp_path / "whole")
    expected = fit(whole)
    stopped = make(tmp_path / "parts")
    train, count = stopped.step.train, 0

    def counting(batch):
        nonlocal count
        count += 1
        if count == steps:
            stopped.stop.set()
        return train(batch)

    monkeypatch.setattr(stopped.step, "train", counting)
    first = Listening()
    with pytest.raises(Stopped):
        stopped.fit(batches, None, first)
    resumed = make(tmp_path / "parts")
    resumed.restore()
    second = fit(resumed)
    for ours, theirs in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    losses = [epoch["loss"] for epoch in [*first.epochs, *second.epochs]]
    np.testing.assert_allclose(losses[-4:], [epoch["loss"] for epoch in expected.epochs], rtol=1e-4)


def test_a_finished_training_restored_does_nothing_more(tmp_path):
    fit(make(tmp_path))
    again = make(tmp_path)
    again.restore()
    assert fit(again).epochs == []


def test_a_number_of_steps_cuts_the_last_epoch(tmp_path):
    made = make(tmp_path, epochs=4, steps=7)
    history = fit(made).epochs
    assert len(history) == 2
    assert int(made.optimizer.iterations) == 7


def test_patience_stops_and_keeps_the_best_weights(tmp_path):
    made = make(tmp_path, epochs=20, patience=2)
    losses = iter([3.0, 1.0, 2.0, 2.5, 0.0])
    kept = []

    def evaluate(trainer):
        kept.append(trainer.trained.get_weights())
        return {"val_loss": next(losses)}

    history = fit(made, evaluate).epochs
    assert len(history) == 4
    for ours, theirs in zip(made.model.get_weights(), kept[1], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_best_weights_may_be_those_of_the_highest_accuracy(tmp_path):
    made = make(tmp_path, epochs=20, patience=2, best_by="accuracy")
    measures = iter([(1.0, 0.5), (2.0, 0.7), (3.0, 0.7), (0.0, 0.6), (0.0, 0.9)])
    kept = []

    def evaluate(trainer):
        kept.append(trainer.trained.get_weights())
        loss, accuracy = next(measures)
        return {"val_loss": loss, "val_accuracy": accuracy}

    history = fit(made, evaluate).epochs

    assert len(history) == 4
    for ours, theirs in zip(made.model.get_weights(), kept[1], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_loss_that_is_no_number_ends_the_training_with_advice(tmp_path):
    with pytest.raises(Diverged, match=r"lower optimizer\.lr"):
        fit(make(tmp_path, Sgd(lr=1e20)))


def test_a_checkpoint_is_written_within_a_long_epoch(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CHECKPOINT_SECONDS", 0.0)
    written = []
    monkeypatch.setattr(
        module.checkpoints,
        "save",
        lambda path, progress, variables: written.append((progress.epoch, progress.step)),
    )
    fit(make(tmp_path, epochs=1))
    assert (0, 3) in written


def test_reports_say_how_far_it_is_and_how_long_it_takes(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_REPORT_SECONDS", 0.0)
    reports = fit(make(tmp_path)).reports
    assert [report.done for report in reports] == sorted(report.done for report in reports)
    assert reports[-1].total == 20
    assert reports[-1].images_per_second > 0
    assert reports[-1].seconds_left is not None


@pytest.mark.parametrize(("pause", "holds"), [(0.4, lambda share: 0.6 < share < 1), (0.0, lambda share: share < 0.5)])
def test_an_epoch_says_for_what_share_of_its_time_it_waited_for_data(tmp_path, pause, holds):
    def slow(epoch, start):
        found = batches(epoch, start)

        def generate():
            for batch in found.as_numpy_iterator():
                time.sleep(pause)
                yield batch

        return tf.data.Dataset.from_generator(generate, output_signature=found.element_spec)

    made, heard = make(tmp_path, epochs=2), Listening()
    made.fit(slow, None, heard)

    # In one of the epochs: the machine may be busy with something else during another.
    assert any(holds(epoch["waiting"]) for epoch in heard.epochs)
    assert [epoch["waiting"] for epoch in made.progress.history] == [epoch["waiting"] for epoch in heard.epochs]


def test_a_training_of_one_step_an_epoch_can_be_stopped(tmp_path):
    made = rig.trainer(rig.network(), tmp_path, epochs=50)
    made.stop.set()

    def one(epoch, start):
        return batches(epoch, STEPS - 1)

    with pytest.raises(Stopped):
        made.fit(one, None, Listening())
    assert made.progress.epoch == 0


def test_stopped_within_an_epoch_it_ends_with_the_same_weights_best_ones_and_dropout_included(tmp_path):
    def worse_and_worse(trainer):
        return {"val_loss": float(trainer.progress.epoch == 0) + trainer.progress.epoch, "val_accuracy": 0.0}

    whole = make(tmp_path / "whole", Adam(lr=0.01), patience=2)
    fit(whole, worse_and_worse)
    first = make(tmp_path / "cut", Adam(lr=0.01), patience=2)

    def stopping(epoch, start):
        for number, batch in enumerate(batches(epoch, start)):
            if (epoch, number) == (1, 2):
                first.stop.set()
            yield batch

    first.distributed = lambda dataset: dataset
    with pytest.raises(Stopped):
        first.fit(stopping, worse_and_worse, Listening())
    assert first.progress.step > 0
    second = make(tmp_path / "cut", Adam(lr=0.01), patience=2)
    second.restore()
    fit(second, worse_and_worse)
    for ours, theirs in zip(second.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
