"""A GPU learns what a CPU learns, compiled where that can be. Run on a machine that has one: `pytest -m gpu`."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kcnn.training.strategies import compiles, strategy
from tests.training import rig


class NotForXla(layers.Identity):
    """As cuDNN's recurrent layers are on a GPU."""

    def __init__(self):
        super().__init__()
        self.supports_jit = False


def test_what_has_several_lengths_is_not_compiled(tmp_path):
    """A program for each length would take longer than it saves."""
    made = rig.trainer(rig.network(), tmp_path)
    step, compiled = made.step, []
    step.jit = True
    step._compiled = lambda *batch: (compiled.append(batch[0].shape), step._forward_backward(*batch))[1]
    labels, weights = tf.TensorSpec([None], tf.int64), tf.TensorSpec([None])

    for height in (8, None):
        step.train.get_concrete_function((tf.TensorSpec([None, height, 8, 3], tf.uint8), labels, weights))
    assert compiled == [(None, 8, 8, 3)]


def reading_rows():
    """Images as series of their rows, an LSTM over them."""
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 3))
    return keras.Model(image, layers.Dense(10)(layers.LSTM(16)(layers.Reshape((8, 24))(image))))


def test_on_a_cpu_nothing_is_compiled():
    assert not compiles(strategy(["/cpu:0"]), rig.network())


def test_a_layer_that_cannot_be_compiled_is_found_inside_of_a_network_in_the_network(monkeypatch):
    monkeypatch.setattr("kcnn.training.strategies._kind", lambda used: "GPU")
    image = keras.Input((8, 8, 3))
    inner = keras.Model(image, NotForXla()(image))

    assert compiles(strategy(), rig.network())
    assert not compiles(strategy(), keras.Model(image, rig.network()(inner(image))))


@pytest.fixture
def gpu():
    """The name of one."""
    found = tf.config.list_logical_devices("GPU")
    if not found:
        pytest.skip("needs a GPU")
    tf.config.experimental.enable_tensor_float_32_execution(False)
    yield found[0].name
    tf.config.experimental.enable_tensor_float_32_execution(True)


@pytest.mark.gpu
@pytest.mark.parametrize(("make", "compiled"), [(rig.network, True), (reading_rows, False)])
def test_losses_and_weights_are_those_of_a_cpu(gpu, tmp_path, make, compiled):
    here, there = (rig.trainer(make(), tmp_path, [device]) for device in ("/cpu:0", gpu))

    assert compiles(there.strategy, there.trained) == compiled
    for count in (13, 16, 3):
        np.testing.assert_allclose(rig.losses(there, 3, count), rig.losses(here, 3, count), rtol=1e-3)
    for ours, theirs in zip(there.trained.get_weights(), here.trained.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-2, atol=1e-4)
