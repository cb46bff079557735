"""What every classification model must do; a family's tests subclass ModelContract and parametrise `name`.

What needs no numbers is asked of every variant in tests/models/test_every_variant.py.
"""

import keras
import numpy as np
import pytest

from kcnn.layers.precision import precision
from kcnn.models import build, variant
from kcnn.models.cuts import is_stage
from kcnn.models.summary import summarise
from tests.contracts.compiled import compiled


def smallest_shape(name):
    row = variant(name)
    return (*row.smallest, *row.input_shape[len(row.smallest) :])


def images(model, count=4):
    return np.random.default_rng(0).normal(size=(count, *model.input_shape[1:])).astype("float32")


def small_options(name):
    """Dropout off, so that a few steps can be held against one another."""
    return {"dropout": 0.0} if "dropout" in variant(name).options else {}


class ModelContract:
    """What runs, runs at the smallest size. The mean loss of `window` steps falls within `updates` steps."""

    updates, window = 6, 1

    def test_it_classifies_the_smallest_image_into_any_number_of_classes(self, name):
        height, width, channels = smallest_shape(name)
        model = build(name, (height, width + 3, channels + 1), classes=3)

        answer = model(images(model))

        assert answer.shape == (4, 3)
        assert np.isfinite(answer).all()

    def test_its_logits_are_float32_under_mixed_precision(self, name):
        with precision("mixed_bfloat16"):
            model = build(name, smallest_shape(name))

        answer = model(images(model))

        assert keras.backend.standardize_dtype(answer.dtype) == "float32"
        assert model.get_layer("pooled").compute_dtype == "bfloat16"

    @pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
    def test_it_answers_the_same_after_saving_and_loading(self, name, policy, tmp_path):
        with precision(policy):
            model, other = build(name, smallest_shape(name)), build(name, smallest_shape(name))
        model.save(tmp_path / "model.keras")
        model.save_weights(tmp_path / "model.weights.h5")

        loaded = keras.saving.load_model(tmp_path / "model.keras")
        other.load_weights(tmp_path / "model.weights.h5")

        x = images(model)
        np.testing.assert_array_equal(loaded(x), model(x))
        np.testing.assert_array_equal(other(x), model(x))

    def test_a_few_steps_of_training_lower_its_loss(self, name):
        keras.utils.set_random_seed(0)
        model = build(name, smallest_shape(name), **small_options(name))
        compiled(model, keras.optimizers.Adam(1e-3))
        x, y = images(model, 8), np.arange(8)

        losses = [float(model.train_on_batch(x, y)) for _ in range(self.updates)]

        assert np.isfinite(losses).all()
        assert np.mean(losses[-self.window :]) < np.mean(losses[: self.window])

    def test_the_same_seed_builds_the_same_weights(self, name):
        models = []
        for _ in range(2):
            keras.utils.set_random_seed(5)
            models.append(build(name, smallest_shape(name)))

        for one, other in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)

    def test_its_maps_can_be_had_alone(self, name):
        model = build(name, smallest_shape(name), features_only=True)
        whole = build(name, smallest_shape(name))

        answers = model(images(model))

        assert set(answers) == {"stem", "features", *(layer.name for layer in whole.layers if is_stage(layer.name))}
        for tap, answer in answers.items():
            assert answer.shape[1:] == whole.get_layer(tap).output.shape[1:]
        assert summarise(model).trainable_parameters < summarise(whole).trainable_parameters
