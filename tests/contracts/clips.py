"""What every network of clips must do; a family's tests subclass ClipContract for its small forms."""

import keras
import numpy as np
import pytest

from kcnn.layers.precision import precision
from kcnn.models import build, variant
from tests.contracts.compiled import compiled
from tests.contracts.kept import KeptContract


class ClipContract(KeptContract):
    """Subclasses set the name, options that make it small, and the shape of a clip.

    Dropout has to be off in `options`: a few steps are held against one another.
    """

    name: str
    options: dict
    shape: tuple[int, int, int, int]
    classes = 3
    rate = 1e-3

    def make(self, shape=None):
        return build(self.name, shape or self.shape, self.classes, **self.options)

    def clips(self, count=4, shape=None):
        return np.random.default_rng(0).uniform(0, 1, (count, *(shape or self.shape))).astype("float32")

    def repeated(self, model):
        return {"logits": model(self.clips())}

    @pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
    def test_its_logits_are_float32(self, policy):
        with precision(policy):
            model = self.make()

        answer = model(self.clips())

        assert answer.shape == (4, self.classes)
        assert keras.backend.standardize_dtype(answer.dtype) == "float32"
        assert np.isfinite(answer).all()
        assert model.get_layer("pooled").compute_dtype == policy.removeprefix("mixed_")

    def test_it_classifies_the_smallest_clip_and_one_of_other_sides_frames_and_channels(self):
        frames, height, width = variant(self.name).smallest

        for shape in ((frames, height, width, 1), (frames + 3, height + 5, width + 2, 4)):
            answer = self.make(shape)(self.clips(2, shape))
            assert answer.shape == (2, self.classes)
            assert np.isfinite(answer).all()

    def test_a_few_steps_of_training_move_every_weight_and_lower_the_loss(self):
        keras.utils.set_random_seed(0)
        model = compiled(self.make(), keras.optimizers.Adam(self.rate))
        before = model.get_weights()

        losses = [float(model.train_on_batch(self.clips(8), np.arange(8) % self.classes)) for _ in range(6)]

        assert np.isfinite(losses).all()
        assert losses[-1] < losses[0]
        for weight, old, new in zip(model.weights, before, model.get_weights(), strict=True):
            assert np.any(new != old), weight.path
