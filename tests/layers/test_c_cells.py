from math import prod

import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers.c_cells import CCells
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (5, 4, 3)

    def make(self, **kwargs):
        return CCells(3, strides=2, padding=2, gain=2.0, **kwargs)

    def batch(self, count=4):
        """Responses of S-cells, which are never negative."""
        return np.abs(super().batch(count))

    def model(self):
        """As in the contract, but nothing negative reaches the cells, whose 1 + v_S might come to 0."""
        inputs = keras.Input(self.input_shape)
        x = keras.layers.Dense(self.input_shape[-1], activation="softplus")(inputs)
        x = self.make()(x)
        x = keras.layers.Reshape((prod(x.shape[1:]),))(x)
        return keras.Model(inputs, keras.layers.Dense(1)(x))

    def test_it_says_what_it_costs(self):
        """The contract wants a cost of layers with weights alone; these weights are fixed, and multiply."""
        assert CCells(5, strides=2).multiply_adds((None, 9, 9, 4), (None, 3, 3, 4)) == 9 * 4 * 25


@pytest.mark.parametrize(("strides", "padding", "rows", "columns"), [(1, 0, 4, 3), (2, 2, 4, 4), (2, 1, 3, 3)])
def test_each_cell_answers_the_papers_formula(strides, padding, rows, columns):
    image = np.random.default_rng(0).uniform(0, 1, (2, 6, 5, 3)).astype("float32")
    layer = CCells(3, strides, padding, gain=2.0, decay=0.8, alpha=0.3)
    corner, side = 2 * 0.8**2**0.5, 2 * 0.8
    d = np.array([[corner, side, corner], [side, 2, side], [corner, side, corner]])
    padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    expected = np.zeros((2, rows, columns, 3))
    for n, i, j in np.ndindex(2, rows, columns):
        window = padded[n, strides * i :, strides * j :][:3, :3]
        sums = [(d * window[..., k]).sum() for k in range(3)]
        for k in range(3):
            x = (1 + sums[k]) / (1 + np.mean(sums)) - 1
            expected[n, i, j, k] = x / (0.3 + x) if x > 0 else 0

    answer = layer(image)

    assert (expected == 0).any() and (expected > 0).any()
    np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-5)


def test_a_plane_under_the_mean_of_all_planes_is_silent_however_far_below_it_is():
    image = np.zeros((1, 1, 1, 3), "float32")
    image[..., 0] = 1000

    answer = np.asarray(CCells(1)(image)).ravel()

    assert answer[0] > 0.7
    assert answer[1:].tolist() == [0, 0]


def test_planes_that_all_respond_alike_silence_one_another():
    assert not np.asarray(CCells(3)(np.full((1, 5, 5, 4), 0.5, "float32"))).any()


def test_a_full_window_that_keeps_every_other_place_turns_16_into_10_and_8_into_6():
    layer = CCells(5, strides=2, padding=4)

    assert layer.compute_output_shape((None, 16, 16, 24)) == (None, 10, 10, 24)
    assert layer.compute_output_shape((None, 8, 8, 24)) == (None, 6, 6, 24)


def test_it_learns_nothing():
    layer = CCells(3)
    layer.build((None, 5, 5, 2))

    assert layer.weights == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel_size": 0}, "kernel_size and strides must be at least 1, got 0 and 1"),
        ({"strides": 0}, "kernel_size and strides must be at least 1, got 3 and 0"),
        ({"decay": 0.0}, "decay must be above 0 and at most 1, got 0.0"),
        ({"gain": 0.0}, "gain and alpha must be positive, got 0.0 and 0.5"),
        ({"alpha": -1.0}, "gain and alpha must be positive, got 1.0 and -1.0"),
    ],
)
def test_what_makes_no_cells_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        CCells(**{"kernel_size": 3, **options})
