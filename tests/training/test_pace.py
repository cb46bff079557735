"""Layers that never learn, that begin late, and that learn at rates of their own."""

from itertools import pairwise

import keras
import numpy as np
import pytest

from kcnn.recipes.optimize import Adam, AdamW, Constant, RmsProp, Sgd
from kcnn.recipes.train import Train
from kcnn.training.pace import Pace
from kcnn.training.strategies import strategy
from kcnn.training.trainer import Stopped, Trainer
from tests.training import rig
from tests.training.test_trainer import STEPS, Listening, batches

OPTIMIZERS = {
    "sgd": lambda lr: Sgd(lr=lr, weight_decay=1e-3),
    "adam": lambda lr: Adam(lr=lr),
    "adamw": lambda lr: AdamW(lr=lr, weight_decay=0.1),
    "rmsprop": lambda lr: RmsProp(lr=lr, momentum=0.5),
}


def with_weights(model):
    return [layer.name for layer in model.layers if layer.weights]


def below_the_head(model):
    return frozenset(with_weights(model)[:-1])


def make(folder, pace=None, optimizer=None, epochs=4):
    model = rig.network()
    return Trainer(
        model,
        Train(epochs=epochs),
        optimizer or Sgd(lr=0.1),
        Constant(),
        rig.standardize,
        strategy(),
        STEPS,
        folder,
        pace=pace(model) if pace else None,
    )


def weights_of(made):
    return {layer.name: layer.get_weights() for layer in made.trained.layers if layer.weights}


def largest_difference(one, other):
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_share_of_the_rate_is_training_at_that_share(tmp_path, kind):
    # Without normalisation: before one, a bias has no gradient but rounding, which Adam makes large.
    half = rig.network(normalise=False)
    all_half = Pace(rates=dict.fromkeys(with_weights(half), 0.5))
    shared = rig.trainer(half, tmp_path, optimizer=OPTIMIZERS[kind](0.02), pace=all_half)
    plain = rig.trainer(rig.network(normalise=False), tmp_path, optimizer=OPTIMIZERS[kind](0.01))
    rig.losses(shared, 4, 16)
    rig.losses(plain, 4, 16)
    assert largest_difference(shared.trained.get_weights(), plain.trained.get_weights()) < 2e-6


def test_layers_without_a_rate_learn_at_the_recipes(tmp_path):
    model = rig.network()
    slow = with_weights(model)[0]
    made = rig.trainer(model, tmp_path, pace=Pace(rates={slow: 0.0}))
    plain = rig.trainer(rig.network(), tmp_path)
    before = weights_of(made)
    rig.losses(made, 1, 16)
    rig.losses(plain, 1, 16)
    after, usual = weights_of(made), list(weights_of(plain).values())
    assert largest_difference(after[slow], before[slow]) == 0
    for ours, theirs in list(zip(after.values(), usual, strict=True))[1:]:
        assert largest_difference(ours, theirs) < 1e-6


def test_what_is_frozen_keeps_weights_and_statistics_and_the_rest_learns(tmp_path):
    model = rig.network()
    frozen = below_the_head(model)
    made = rig.trainer(model, tmp_path, pace=Pace(thawing=[(0, frozen)]))
    before = weights_of(made)
    rig.losses(made, 3, 16)
    for name, after in weights_of(made).items():
        assert (largest_difference(after, before[name]) == 0) == (name in frozen), name


def test_frozen_normalisation_uses_the_statistics_that_it_has_learned(tmp_path):
    model = rig.network()
    made = rig.trainer(model, tmp_path, pace=Pace(thawing=[(0, below_the_head(model))]))
    pictures, labels = rig.images(16)
    answers = made.trained(rig.standardize(pictures), training=False)
    expected = float(keras.losses.sparse_categorical_crossentropy(labels, answers, from_logits=True).numpy().mean())
    assert rig.losses(made, 1, 16)[0] == pytest.approx(expected, rel=1e-5)


def test_a_layer_begins_to_learn_in_the_epoch_that_thaws_it(tmp_path):
    made = make(tmp_path, lambda model: Pace(thawing=[(0, below_the_head(model)), (2, frozenset())]))
    seen = []

    class Watching(Listening):
        def epoch(self, epoch, metrics):
            seen.append(weights_of(made))

    seen.append(weights_of(made))
    first = with_weights(made.trained)[0]
    made.fit(batches, None, Watching())
    moved = [largest_difference(after[first], before[first]) > 0 for before, after in pairwise(seen)]
    assert moved == [False, False, True, True]


def test_a_late_layer_takes_adams_first_step_at_the_rate_and_not_at_a_multiple(tmp_path):
    """Moments that were 0 for a hundred steps, corrected as if they had been there, would make it 3.2 times as long."""
    made = make(tmp_path, lambda model: Pace(thawing=[(0, below_the_head(model)), (2, frozenset())]), Adam(lr=1e-3))
    steps = []
    train = Trainer._thaw

    def thaw(self):
        train(self)
        inner, first = self.step.train, with_weights(self.trained)[0]

        def step(batch):
            before = self.trained.get_layer(first).get_weights()
            sums = inner(batch)
            steps.append(largest_difference(self.trained.get_layer(first).get_weights(), before))
            return sums

        self.step.train = step

    made._thaw = thaw.__get__(made)
    made.fit(batches, None, Listening())
    late_steps = [length for length in steps if length > 0]
    assert late_steps[0] == pytest.approx(1e-3, rel=0.01)


def test_the_learning_rate_goes_on_where_the_optimizer_begins_anew(tmp_path):
    from kcnn.recipes.optimize import Cosine

    def rates(pace):
        model = rig.network()
        made = Trainer(
            model,
            Train(epochs=4),
            Sgd(lr=0.1),
            Cosine(),
            rig.standardize,
            strategy(),
            STEPS,
            tmp_path / str(bool(pace)),
            pace=Pace(thawing=[(0, below_the_head(model)), (1, frozenset())]) if pace else None,
        )
        heard = Listening()
        made.fit(batches, None, heard)
        assert float(made.optimizer.learning_rate) == pytest.approx(float(made.rate.at(4 * STEPS)), abs=1e-9)
        return [epoch["learning_rate"] for epoch in heard.epochs]

    assert rates(True) == rates(False)


@pytest.mark.parametrize("stopped_after", [2, STEPS - 1, STEPS, STEPS + 2, 2 * STEPS])
def test_a_training_that_was_killed_goes_on_as_if_it_had_not_been(tmp_path, stopped_after):
    def pace(model):
        names = with_weights(model)
        return Pace([(0, below_the_head(model)), (1, frozenset(names[:4])), (2, frozenset())], {names[0]: 0.25})

    whole = make(tmp_path / "whole", pace, Adam(lr=0.01), epochs=3)
    whole.fit(batches, None, Listening())
    first = make(tmp_path / "killed", pace, Adam(lr=0.01), epochs=3)
    with pytest.raises(Stopped):
        first.fit(_stopping(first, stopped_after), None, Listening())
    second = make(tmp_path / "killed", pace, Adam(lr=0.01), epochs=3)
    second.restore()
    second.fit(batches, None, Listening())
    assert second.progress.epoch == 3
    assert largest_difference(whole.model.get_weights(), second.model.get_weights()) < 1e-6


def _stopping(made, count):
    """Batches that ask for a stop while the step numbered `count` (from 1) is made ready."""
    done = [0]

    def counted(epoch, start):
        for batch in batches(epoch, start):
            done[0] += 1
            if done[0] == count:
                made.stop.set()
            yield batch

    class Dataset:
        def __init__(self, epoch, start):
            self.place = epoch, start

        def __iter__(self):
            return counted(*self.place)

    return Dataset


def test_thawed_leaves_the_last_state_alone():
    pace = Pace(thawing=[(0, frozenset("abc")), (1, frozenset("ab")), (3, frozenset("a"))], rates={"b": 0.5})
    assert pace.thawed().at(0) == (0, frozenset("a"))
    assert pace.thawed().rates == pace.rates
    assert [pace.at(epoch)[1] for epoch in range(5)] == [set("abc"), set("ab"), set("ab"), set("a"), set("a")]
