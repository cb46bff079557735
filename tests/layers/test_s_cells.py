import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers.s_cells import SCells, decaying_window
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (5, 4, 3)

    def make(self, **kwargs):
        return SCells(6, 3, selectivity=1.5, padding=1, **kwargs)


def learned(inputs, seed=0, **options):
    """S-cells with arbitrary positive weights, and an image that is not negative."""
    rng = np.random.default_rng(seed)
    layer = SCells(4, 3, **options)
    layer.build((None, 6, 5, inputs))
    layer.set_weights([rng.uniform(0, 0.5, layer.a.shape), rng.uniform(0, 6, 4)])
    return layer, rng.uniform(0, 1, (2, 6, 5, inputs)).astype("float32")


@pytest.mark.parametrize("padding", [0, 1])
def test_each_cell_answers_the_papers_formula(padding):
    layer, image = learned(inputs=2, selectivity=4.0, padding=padding, decay=0.8)
    a, b = layer.get_weights()
    fall = np.array([[0.8**2**0.5, 0.8, 0.8**2**0.5], [0.8, 1, 0.8], [0.8**2**0.5, 0.8, 0.8**2**0.5]])
    c = fall[..., None] / (2 * fall.sum())  # sums to 1 over the window and both input planes
    padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    expected = np.zeros((2, 4 + 2 * padding, 3 + 2 * padding, 4))
    for n, i, j, k in np.ndindex(expected.shape):
        window = padded[n, i : i + 3, j : j + 3]
        v = np.sqrt((c * window**2).sum())
        ratio = (1 + (a[..., k] * window).sum()) / (1 + 2 * 4 / (1 + 4) * b[k] * v)
        expected[n, i, j, k] = 4 * max(ratio - 1, 0)

    answer = layer(image)

    assert (expected == 0).any() and (expected > 0).any()
    np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-5)


def test_the_weights_of_the_v_cells_sum_to_1_and_fall_from_the_centre():
    layer, _ = learned(inputs=3, selectivity=1.0)

    assert layer.c.shape == (3, 3, 3)
    assert layer.c.sum() == pytest.approx(1)
    assert layer.c[1, 1, 0] > layer.c[1, 0, 0] > layer.c[0, 0, 0]
    np.testing.assert_array_equal(layer.c, layer.c[:, ::-1])


def test_the_v_cells_of_a_constant_image_answer_the_constant():
    layer, _ = learned(inputs=3, selectivity=1.0)

    np.testing.assert_allclose(layer.inhibition(np.full((1, 6, 5, 3), 0.7, "float32")), 0.7, rtol=1e-5)


def test_what_was_learned_is_told_from_what_is_less_alike_than_the_selectivity_asks():
    r, size = 4.0, 3
    layer = SCells(1, size, selectivity=r)
    layer.build((None, size, size, 1))
    seen = np.zeros((size, size, 1), "float32")
    seen[1] = 1
    v = np.sqrt((layer.c * seen**2).sum())
    strength = 1000  # so that the paper's 1 + ... no longer counts
    layer.set_weights([(strength * layer.c * seen)[..., None], np.array([strength / 2 * v])])
    tilted = np.eye(size, dtype="float32")[..., None]

    same, other = np.asarray(layer(np.stack([seen, tilted]))).ravel()

    cosine = (layer.c * seen * tilted).sum() / (v * np.sqrt((layer.c * tilted**2).sum()))
    assert cosine < r / (1 + r)
    assert other == 0
    assert same == pytest.approx(1, rel=0.02)  # r ((1 + r) / r - 1)


def test_blank_windows_give_no_answer_and_a_finite_gradient():
    image = keras.Input((5, 5, 1))
    model = keras.Model(image, keras.layers.Flatten()(SCells(2, 3, selectivity=1.5)(image)))
    model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
    blank = np.zeros((1, 5, 5, 1), "float32")

    assert not np.asarray(model(blank)).any()
    model.train_on_batch(blank, np.ones((1, 18), "float32"))
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_the_first_weights_are_small_and_positive_and_prefer_a_direction_each():
    layer = SCells(4, 5, selectivity=4.0)
    layer.build((None, 9, 9, 1))
    a, b = layer.get_weights()
    lying, standing = a[2, :, 0].sum(axis=0), a[:, 2, 0].sum(axis=0)

    assert (a > 0).all() and a.sum(axis=(0, 1, 2)).max() < 0.2
    assert not b.any()
    assert lying[0] > 1.2 * standing[0]
    assert standing[2] > 1.2 * lying[2]


def test_parameters_and_multiply_adds_count_the_v_cells_once_a_place():
    layer = SCells(24, 5, selectivity=1.5)
    layer.build((None, 6, 6, 24))

    assert layer.count_params() == 25 * 24 * 24 + 24
    assert layer.multiply_adds((None, 6, 6, 24), (None, 2, 2, 24)) == 4 * (25 * 24 * 24 + 24 + 25 * 24)


def test_a_window_falls_with_the_distance_from_its_centre():
    np.testing.assert_allclose(decaying_window(2, 0.5), np.full((2, 2), 0.5**0.5**0.5))
    assert decaying_window(5, 0.5)[2].tolist() == [0.25, 0.5, 1, 0.5, 0.25]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"planes": 0}, "planes and kernel_size must be at least 1, got 0 and 3"),
        ({"kernel_size": 0}, "planes and kernel_size must be at least 1, got 2 and 0"),
        ({"selectivity": 0.0}, "selectivity must be positive, got 0.0"),
        ({"decay": 1.5}, "decay must be above 0 and at most 1, got 1.5"),
    ],
)
def test_what_makes_no_cells_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        SCells(**{"planes": 2, "kernel_size": 3, "selectivity": 1.0, **options})


def test_a_window_larger_than_the_image_is_refused():
    with pytest.raises(InputError, match="a window of 5 does not fit into 4"):
        SCells(2, 5, selectivity=1.0).compute_output_shape((None, 4, 4, 1))
