"""What every classification model must do; a family's tests subclass ModelContract and parametrise `name`."""

from importlib import import_module
from inspect import Parameter, signature

import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.models import build, variant
from kcnn.models.summary import summarise


def smallest_shape(name):
    row = variant(name)
    return (*row.smallest, row.input_shape[-1])


def images(model, count=4):
    return np.random.default_rng(0).normal(size=(count, *model.input_shape[1:])).astype("float32")


class ModelContract:
    """What runs, runs at the smallest size; what is counted, is counted at the paper's."""

    def test_it_has_the_published_number_of_parameters(self, name):
        row, summary = variant(name), summarise(build(name))

        assert summary.trainable_parameters == row.parameters
        assert sum(r.parameters for r in summary.rows) == row.parameters + summary.non_trainable_parameters

    def test_its_builder_takes_the_options_of_the_catalogue(self, name):
        row = variant(name)
        builder = import_module(f"kcnn.models.{row.module}").BUILDERS[name]
        parameters = signature(builder).parameters.values()

        assert {p.name for p in parameters if p.kind is Parameter.KEYWORD_ONLY} == set(row.options)

    def test_its_taps_exist_in_order(self, name):
        names = [layer.name for layer in build(name).layers]
        stages = [layer for layer in names if layer.removeprefix("stage").isdigit()]
        taps = ["stem", *(f"stage{n}" for n in range(1, len(stages) + 1)), "features", "pooled", "logits"]

        assert stages
        assert [layer for layer in names if layer in taps] == taps

    def test_it_is_flat_and_bears_its_name(self, name):
        model = build(name)

        assert model.name == name
        assert not any(isinstance(layer, keras.Model) for layer in model.layers)

    def test_it_classifies_the_smallest_image_into_any_number_of_classes(self, name):
        height, width, channels = smallest_shape(name)
        model = build(name, (height, width + 3, channels + 1), classes=3)

        answer = model(images(model))

        assert answer.shape == (4, 3)
        assert np.isfinite(answer).all()

    def test_its_logits_are_float32_under_mixed_precision(self, name):
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy("mixed_bfloat16")
        try:
            model = build(name, smallest_shape(name))
        finally:
            keras.config.set_dtype_policy(before)

        answer = model(images(model))

        assert keras.backend.standardize_dtype(answer.dtype) == "float32"
        assert model.get_layer("pooled").compute_dtype == "bfloat16"

    def test_it_answers_the_same_after_saving_and_loading(self, name, tmp_path):
        model = build(name, smallest_shape(name))
        model.save(tmp_path / "model.keras")

        loaded = keras.saving.load_model(tmp_path / "model.keras")

        np.testing.assert_array_equal(loaded(images(model)), model(images(model)))

    def test_a_few_steps_of_training_lower_its_loss(self, name):
        keras.utils.set_random_seed(0)
        model = build(name, smallest_shape(name))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(1e-3), loss, run_eagerly=True)
        x, y = images(model, 8), np.arange(8)

        losses = [float(model.train_on_batch(x, y)) for _ in range(6)]

        assert np.isfinite(losses).all()
        assert losses[-1] < losses[0]

    def test_the_same_seed_builds_the_same_weights(self, name):
        models = []
        for _ in range(2):
            keras.utils.set_random_seed(5)
            models.append(build(name, smallest_shape(name)))

        for one, other in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)

    def test_a_smaller_image_is_refused_with_the_smallest_size(self, name):
        height, width, channels = smallest_shape(name)

        with pytest.raises(InputError, match=f"at least {height}"):
            build(name, (height - 1, width, channels))
