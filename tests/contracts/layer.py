"""What every layer of kcnn.layers must do; a test file subclasses LayerContract and makes its layer."""

from math import prod

import keras
import numpy as np
import pytest


class LayerContract:
    """Subclasses set the shape of one example and `make`; `counted` is false for weights that only are added.

    `redundant` ends the paths of weights that a normalisation behind them makes void: whether they move is rounding.
    """

    input_shape: tuple[int, ...]
    counted = True
    redundant: tuple[str, ...] = ()

    def make(self, **kwargs) -> keras.layers.Layer:
        raise NotImplementedError

    def batch(self, count=4):
        return np.random.default_rng(0).normal(size=(count, *self.input_shape)).astype("float32")

    def test_it_infers_the_shape_it_returns(self):
        layer = self.make()
        inferred = layer.compute_output_shape((4, *self.input_shape))

        assert tuple(layer(self.batch()).shape) == tuple(inferred)
        assert layer.compute_output_shape((None, *self.input_shape)) == (None, *inferred[1:])

    def test_it_is_the_same_layer_after_a_round_trip_through_its_config(self):
        layer = self.make(name="original")
        copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
        layer.build((None, *self.input_shape))
        copy.build((None, *self.input_shape))
        copy.set_weights(layer.get_weights())

        assert type(copy) is type(layer)
        assert copy.get_config() == layer.get_config()
        np.testing.assert_array_equal(copy(self.batch()), layer(self.batch()))

    def test_one_step_moves_every_weight_before_it_and_in_it_and_lowers_the_loss(self):
        keras.utils.set_random_seed(1)
        model = self.model()
        model.compile(keras.optimizers.SGD(1e-4), "mse", run_eagerly=True)
        x, y = self.batch(), np.ones((4, 1), "float32")
        # Shifts that are 0 make what follows them blind to scales.
        model.set_weights([np.linspace(-1, 1, *w.shape) if w.name == "beta" else w for w in model.weights])
        before = model.get_weights()
        trained = [id(weight) for weight in model.trainable_weights]

        loss = model.train_on_batch(x, y)

        for weight, old, new in zip(model.weights, before, model.get_weights(), strict=True):
            assert np.isfinite(new).all()
            moves = id(weight) in trained or weight.name.startswith("moving_")  # statistics follow the batches
            assert np.any(new != old) == moves or weight.path.endswith(self.redundant), weight.path
        assert model.train_on_batch(x, y) < loss

    @pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
    def test_it_computes_in_half_precision_and_keeps_float32_weights(self, policy):
        keras.utils.set_random_seed(1)
        exact = self.make()
        half = self.make(dtype=policy)
        expected = keras.ops.convert_to_numpy(exact(self.batch()))
        half.build((None, *self.input_shape))
        half.set_weights(exact.get_weights())

        answer = half(self.batch())

        assert keras.backend.standardize_dtype(answer.dtype) == policy.removeprefix("mixed_")
        assert {weight.dtype for weight in half.weights} <= {"float32"}
        answer = keras.ops.convert_to_numpy(keras.ops.cast(answer, "float32"))
        np.testing.assert_allclose(answer, expected, rtol=0.05, atol=0.05 * np.abs(expected).max())

    def test_a_model_that_holds_it_answers_the_same_after_saving_and_loading(self, tmp_path):
        model = self.model()
        model.save(tmp_path / "model.keras")

        loaded = keras.saving.load_model(tmp_path / "model.keras")

        np.testing.assert_array_equal(loaded(self.batch()), model(self.batch()))

    def test_it_says_what_it_costs(self):
        shape = (None, *self.input_shape)
        layer = self.make()
        layer.build(shape)

        cost = layer.multiply_adds(shape, layer.compute_output_shape(shape))

        assert type(cost) is int
        assert (cost > 0) == (bool(layer.weights) and self.counted)

    def model(self):
        """A small model with the layer in the midst, so that gradients must pass through it."""
        inputs = keras.Input(self.input_shape)
        x = keras.layers.Dense(self.input_shape[-1])(inputs)
        x = self.make()(x)
        x = keras.layers.Reshape((prod(x.shape[1:]),))(x)
        return keras.Model(inputs, keras.layers.Dense(1)(x))
