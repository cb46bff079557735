"""What every network that answers maps must do; a family's tests subclass MapsContract for its smallest forms."""

import keras
import numpy as np
import pytest

from kcnn.layers.precision import precision
from kcnn.models import build, check
from tests.contracts.compiled import compiled
from tests.contracts.kept import KeptContract


class MapsContract(KeptContract):
    """Subclasses set the name, options that make it small, the shape of an image and what is answered for one."""

    name: str
    options: dict
    shape: tuple[int, int, int]
    answer: dict[str, tuple[int, ...]]  # by name; where there is but one answer, it is `logits`
    classes: int | None = 3
    drawn: tuple[str, ...] = ()  # answers that are another at every call

    def make(self):
        return build(self.name, self.shape, self.classes, **self.options)

    def images(self, count=2):
        return np.random.default_rng(0).uniform(0, 1, (count, *self.shape)).astype("float32")

    def answers(self, model):
        """By name, in float32, outside training."""
        answered = model(self.images())
        answered = answered if isinstance(answered, dict) else {"logits": answered}
        return {name: keras.ops.convert_to_numpy(value) for name, value in answered.items()}

    def repeated(self, model):
        """Those of the answers that are the same at every call."""
        return {name: value for name, value in self.answers(model).items() if name not in self.drawn}

    @pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
    def test_it_answers_maps_in_float32(self, policy):
        with precision(policy):
            model = self.make()

        answers = self.answers(model)

        assert {name: value.shape[1:] for name, value in answers.items()} == self.answer
        assert all(value.dtype == "float32" and np.isfinite(value).all() for value in answers.values())
        assert model.get_layer("features").compute_dtype == policy.removeprefix("mixed_")

    def test_a_step_of_training_moves_every_weight_and_steps_lower_the_loss(self):
        keras.utils.set_random_seed(0)
        model = compiled(self.make(), keras.optimizers.Adam(1e-3), self.loss())
        before = model.get_weights()

        losses = [model.train_on_batch(self.images(), self.truth(), return_dict=True)["loss"] for _ in range(6)]

        assert np.isfinite(losses).all()
        assert losses[-1] < losses[0]
        for weight, old, new in zip(model.weights, before, model.get_weights(), strict=True):
            assert np.any(new != old) == (weight.trainable or weight.name.startswith("moving_")), weight.path

    def loss(self):
        raise NotImplementedError

    def truth(self):
        raise NotImplementedError


class SegmentationContract(MapsContract):
    """Of networks that answer logits of classes for every pixel, or for those in the middle."""

    def test_it_takes_any_number_of_channels_and_classes(self):
        height, width, channels = self.shape

        model = build(self.name, (height, width, channels + 1), 5, **self.options)

        assert model.output.shape == (None, *self.answer["logits"][:2], 5)

    def test_its_default_is_checked_without_being_asked_for(self):
        (height, width, _), classes = check(self.name, None, None, self.options)

        assert check(self.name, (height, width, 3), classes, self.options)[0] == (height, width, 3)

    def loss(self):
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def truth(self):
        """The left half is of class 0, the right of class 1."""
        height, width, _ = self.answer["logits"]
        return np.broadcast_to(np.arange(width) >= width / 2, (2, height, width)).astype("int32")
