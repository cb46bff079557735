import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import Bilinear, TransposedConv1D, TransposedConv2D


def enlarging(factor, channels, groups=1):
    size = 2 * factor - factor % 2
    return TransposedConv2D(
        channels, size, strides=factor, padding="same", groups=groups, use_bias=False, kernel_initializer=Bilinear()
    )


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("factor", [2, 3, 4, 8])
def test_it_interpolates_as_resizing_does_away_from_the_border(factor, groups):
    x = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype("float32")
    expected = keras.ops.image.resize(x, (6 * factor, 5 * factor), interpolation="bilinear")
    inside = slice(factor, -factor)

    answer = enlarging(factor, 3, groups)(x)

    np.testing.assert_allclose(answer[:, inside, inside], expected[:, inside, inside], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("factor", [2, 3, 4, 8])
def test_numbers_for_the_padding_give_the_same(factor):
    x = np.random.default_rng(0).normal(size=(1, 4, 5, 2)).astype("float32")
    same, other = enlarging(factor, 2), enlarging(factor, 2)
    numbers = other.from_config({**other.get_config(), "padding": (factor - factor % 2) // 2})

    np.testing.assert_allclose(numbers(x), same(x), rtol=1e-6)


def test_an_odd_kernel_has_its_middle_at_a_place_and_an_even_one_between_two():
    kernels = [np.asarray(Bilinear()((size, size, 1, 1)))[:, 0, 0, 0] for size in (3, 4)]

    np.testing.assert_allclose(kernels[0] / kernels[0].max(), [0.5, 1, 0.5])
    np.testing.assert_allclose(kernels[1] / kernels[1].max(), [1 / 3, 1, 1, 1 / 3])


def test_along_one_axis_it_interpolates_too():
    x = np.array([0, 1, 3, 2], "float32").reshape(1, 4, 1)

    answer = TransposedConv1D(1, 4, 2, "same", use_bias=False, kernel_initializer=Bilinear())(x)

    np.testing.assert_allclose(np.ravel(answer)[1:-1], [0.25, 0.75, 1.5, 2.5, 2.75, 2.25])


def test_a_layer_that_has_it_is_the_same_after_a_round_trip():
    layer = enlarging(2, 3)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))

    assert type(copy.kernel_initializer) is Bilinear
    assert copy.get_config() == layer.get_config()


def test_other_numbers_of_filters_than_of_channels_are_refused():
    with pytest.raises(InputError, match="as many filters as channels, got 2 and 3"):
        TransposedConv2D(2, 4, strides=2, kernel_initializer=Bilinear()).build((None, 4, 4, 3))
