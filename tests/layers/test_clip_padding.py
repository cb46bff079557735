import subprocess
import sys

import keras
import numpy as np
import pytest

from kcnn.layers import ClipPadding
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (3, 2, 4, 2)

    def make(self, **kwargs):
        return ClipPadding((1, 2, 0), **kwargs)


@pytest.mark.parametrize("padding", [2, (0, 3, 1), ((1, 0), (0, 2), (0, 0))])
def test_it_equals_zero_padding(padding):
    clips = np.random.default_rng(0).normal(size=(2, 3, 2, 4, 2)).astype("float32")

    np.testing.assert_array_equal(ClipPadding(padding)(clips), keras.layers.ZeroPadding3D(padding)(clips))


TRAINED = """
import keras, numpy as np, tensorflow as tf
from kcnn.layers import ClipPadding
convolution = keras.layers.Conv3D(2, 3, activation="relu")
model = keras.Sequential([keras.Input((4, 6, 6, 2)), {padding}((0, 1, 1)), convolution])
def loss(clips):
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(model(clips))
    return tape.gradient(value, [weight.value for weight in model.weights])
tf.function(loss)(tf.ones((2, 4, 6, 6, 2)))
"""


@pytest.mark.parametrize(("padding", "fails"), [("ClipPadding", False), ("keras.layers.ZeroPadding3D", True)])
def test_tensorflow_fails_at_fusing_keras_s_padding_and_not_this_one(padding, fails):
    """Where Keras's does not fail any more, this layer is not needed any more."""
    done = subprocess.run(
        [sys.executable, "-c", TRAINED.format(padding=padding)],
        check=True,
        capture_output=True,
        text=True,
        env={"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": ":".join(sys.path)},
    )

    assert ("remapper failed" in done.stderr) == fails
