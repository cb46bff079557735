import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import TrainableSubsampling
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (5, 4, 3)

    def make(self, **kwargs):
        return TrainableSubsampling(**kwargs)


def test_it_sums_each_window_times_the_maps_coefficient_plus_the_maps_bias():
    image = np.random.default_rng(0).normal(size=(2, 7, 6, 3)).astype("float32")
    coefficient, bias = np.array([0.5, -1, 2]), np.array([1, 0, -3])
    layer = TrainableSubsampling(pool_size=3)
    layer.build(image.shape)
    layer.set_weights([coefficient, bias])
    expected = np.zeros((2, 2, 2, 3))
    for n, i, j, c in np.ndindex(expected.shape):
        window = image[n, 3 * i : 3 * i + 3, 3 * j : 3 * j + 3, c]
        expected[n, i, j, c] = coefficient[c] * window.sum() + bias[c]

    np.testing.assert_allclose(layer(image), expected, rtol=1e-5, atol=1e-5)


def test_it_has_two_parameters_a_map():
    layer = TrainableSubsampling()
    layer.build((None, 28, 28, 6))

    assert layer.count_params() == 12


def test_its_coefficients_start_within_the_papers_bounds():
    layer = TrainableSubsampling()
    layer.build((None, 4, 4, 500))
    coefficient, bias = layer.get_weights()

    assert 0.5 < np.abs(coefficient).max() <= 0.6
    assert not bias.any()


def test_a_window_below_one_is_refused():
    with pytest.raises(InputError, match="pool_size must be at least 1, got 0"):
        TrainableSubsampling(0)


class TestContractOfClips(LayerContract):
    input_shape = (2, 5, 4, 3)

    def make(self, **kwargs):
        return TrainableSubsampling(**kwargs)


def test_each_frame_of_a_clip_is_subsampled_with_coefficients_of_its_own():
    clip = np.random.default_rng(0).normal(size=(2, 3, 6, 4, 2)).astype("float32")
    layer = TrainableSubsampling()
    layer.build(clip.shape)
    coefficient, bias = np.random.default_rng(1).normal(size=(2, 3, 1, 1, 2)).astype("float32")
    layer.set_weights([coefficient, bias])
    answer = layer(clip)

    assert layer.count_params() == 2 * 3 * 2
    for frame in range(3):
        alone = TrainableSubsampling()
        alone.build(clip[:, frame].shape)
        alone.set_weights([coefficient[frame, 0, 0], bias[frame, 0, 0]])
        np.testing.assert_allclose(answer[:, frame], alone(clip[:, frame]), rtol=1e-5, atol=1e-6)
