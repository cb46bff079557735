import keras
import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.layers import IdentityKernel

X = np.random.default_rng(0).normal(size=(2, 7, 6, 3)).astype("float32")


def convolved(x, filters, noise=0.0):
    kernel = IdentityKernel(3, noise, seed=1)
    return layers.Conv2D(filters, 3, padding="same", use_bias=False, kernel_initializer=kernel)(x)


def test_as_many_maps_are_handed_on():
    np.testing.assert_array_equal(convolved(X, 3), X)


def test_more_maps_share_what_they_see_and_fewer_collect_it():
    """Equation 5: the weight is maps / c'."""
    spread = convolved(X, 6)

    np.testing.assert_allclose(spread, np.repeat(X, 2, axis=-1) / 2, rtol=1e-6)
    np.testing.assert_allclose(convolved(spread, 12), np.repeat(X, 4, axis=-1) / 4, rtol=1e-6)
    np.testing.assert_allclose(convolved(convolved(spread, 12), 3), X, rtol=1e-5)


def test_the_noise_is_a_share_of_the_weight_and_spares_the_connections():
    kernel = np.asarray(IdentityKernel(4, 0.1, seed=0)((3, 3, 32, 64)))
    connections = np.kron(np.eye(4), np.ones((8, 16))) > 0

    np.testing.assert_array_equal(kernel[1, 1][connections], np.float32(4 / 64))
    others = kernel[np.broadcast_to(~connections, kernel.shape)]
    assert others.std() == pytest.approx(0.1 * 4 / 64, rel=0.05)


def test_it_is_the_same_after_a_round_trip():
    initializer = IdentityKernel(3, 0.1, seed=2)
    copy = keras.initializers.deserialize(keras.initializers.serialize(initializer))

    assert copy.get_config() == {"maps": 3, "noise": 0.1, "seed": 2}
    np.testing.assert_array_equal(copy((3, 3, 3, 6)), initializer((3, 3, 3, 6)))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((3, 3, 4, 6), "maps must divide the channels and the filters, got 3 for 4 and 6"),
        ((3, 3, 6, 4), "maps must divide the channels and the filters, got 3 for 6 and 4"),
        ((3, 2, 3, 3), "an identity kernel has a middle tap, got 3x2"),
    ],
)
def test_shapes_without_an_identity_are_refused(shape, message):
    with pytest.raises(InputError, match=message):
        IdentityKernel(3)(shape)
