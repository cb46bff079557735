"""What every network of series, texts or sounds must do; a family's tests subclass a contract for its small forms."""

import keras
import numpy as np
import pytest

from kcnn.layers.precision import precision
from kcnn.models import build, variant
from tests.contracts.compiled import compiled
from tests.contracts.kept import KeptContract


class SequenceContract(KeptContract):
    """Subclasses set the name, options that make it small, and the shape of an example.

    The answer is a class for an example, or for each of its steps: with the option `answer="every"`, and always of a
    network that forecasts. Dropout has to be off in `options`: a few steps are held against one another.
    """

    name: str
    options: dict
    shape: tuple[int, ...]
    classes = 3
    rate = 1e-2

    def make(self, shape=None):
        return build(self.name, shape or self.shape, self.classes, **self.options)

    def inputs(self, count=4, steps=None):
        """Series of numbers, or texts of at least one word, as the catalogue says."""
        rng = np.random.default_rng(0)
        if variant(self.name).data in ("series", "forecast"):
            return rng.normal(size=(count, *self.shape)).astype("float32")[:, :steps]
        words = rng.integers(1, self.options["vocabulary"], (count, *self.shape))[:, :steps]
        lengths = rng.integers(1, words.shape[1] + 1, (count, 1))
        return np.where(np.arange(words.shape[1]) < lengths, words, 0).astype("int32")

    def repeated(self, model):
        return {"logits": model(self.inputs())}

    @property
    def every(self):
        return self.options.get("answer") == "every" or variant(self.name).task == "forecasting"

    @pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
    def test_its_logits_are_float32(self, policy):
        with precision(policy):
            model = self.make()

        answer = model(self.inputs())

        assert answer.shape == (4, *(self.shape[:1] * self.every), self.classes)
        assert keras.backend.standardize_dtype(answer.dtype) == "float32"
        assert np.isfinite(answer).all()
        assert model.get_layer("features").compute_dtype == policy.removeprefix("mixed_")

    def test_examples_may_be_of_any_length(self):
        model = self.make((None, *self.shape[1:]))

        for steps in (1, 2, self.shape[0]):
            fixed = self.make((steps, *self.shape[1:]))
            fixed.set_weights(model.get_weights())
            x = self.inputs(steps=steps)
            assert model(x).shape == (4, *([steps] * self.every), self.classes)
            np.testing.assert_allclose(model(x), fixed(x), rtol=1e-4, atol=1e-6)

    def test_a_few_steps_of_training_move_every_weight_and_lower_the_loss(self):
        keras.utils.set_random_seed(0)
        model = compiled(self.make(), keras.optimizers.Adam(self.rate))
        before = model.get_weights()
        labels = np.arange(8)[:, None] % self.classes
        y = np.broadcast_to(labels, (8, self.shape[0])) if self.every else labels

        losses = [float(model.train_on_batch(self.inputs(8), y)) for _ in range(6)]

        assert np.isfinite(losses).all()
        assert losses[-1] < losses[0]
        for weight, old, new in zip(model.weights, before, model.get_weights(), strict=True):
            assert np.any(new != old) == weight.trainable, weight.path


class ContinuationContract(SequenceContract):
    """The same for networks that continue sounds: codes and what is told in, logits at each step out.

    `options["conditions"]` says how many labels there are.
    """

    classes = 7
    every = True

    def inputs(self, count=4, steps=None):
        """Codes, and a label of each kind."""
        rng = np.random.default_rng(0)
        codes = rng.integers(0, self.classes, (count, *self.shape))[:, :steps].astype("int32")
        kinds = self.options.get("conditions", {})
        return {
            "codes": codes,
            **{name: rng.integers(0, among, count).astype("int32") for name, among in kinds.items()},
        }
