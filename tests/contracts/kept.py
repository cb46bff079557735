"""What every network keeps: its answers when it is saved or cloned, its weights from one seed, a flat graph."""

import keras
import numpy as np
import pytest

from kcnn.layers.precision import precision


class KeptContract:
    """Subclasses say the `name`, how to `make` the network, and which of its answers are the same at every call."""

    name: str

    def make(self):
        raise NotImplementedError

    def repeated(self, model):
        """Answers by name."""
        raise NotImplementedError

    @pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
    def test_it_answers_the_same_after_saving_and_loading(self, policy, tmp_path):
        with precision(policy):
            model, other = self.make(), self.make()
        model.save(tmp_path / "model.keras")
        model.save_weights(tmp_path / "model.weights.h5")

        loaded = keras.saving.load_model(tmp_path / "model.keras")
        other.load_weights(tmp_path / "model.weights.h5")

        self.same(loaded, model)
        self.same(other, model)

    def test_a_clone_with_its_weights_answers_the_same(self):
        model = self.make()
        clone = keras.models.clone_model(model)
        clone.set_weights(model.get_weights())

        self.same(clone, model)

    def test_the_same_seed_builds_the_same_weights(self):
        models = []
        for _ in range(2):
            keras.utils.set_random_seed(5)
            models.append(self.make())

        for one, other in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)

    def test_it_is_flat_and_its_name_is_the_catalogue_s(self):
        model = self.make()

        assert model.name == self.name
        assert not any(hasattr(layer, "layers") or hasattr(layer, "graph") for layer in model.layers)

    def same(self, one, other):
        answers = self.repeated(other)
        assert answers
        for name, value in self.repeated(one).items():
            np.testing.assert_array_equal(value, answers[name])
