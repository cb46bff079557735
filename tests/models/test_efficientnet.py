import numpy as np
import pytest
from keras import layers

from kcnn.layers import StochasticDepth
from kcnn.models import build, build_without_weights
from tests.contracts.model import ModelContract
from tests.weights.golden import relative

# Lite0 has no block that B0 lacks.
OTHERS = [
    *(f"efficientnet_b{n}" for n in range(1, 8)),
    *(f"efficientnet_lite{n}" for n in range(5)),
]


@pytest.mark.parametrize(
    "name",
    [
        "efficientnet_b0",
        *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS),
    ],
)
class TestContract(ModelContract):
    pass


def test_the_stages_of_b0_have_the_maps_of_table_1():
    model = build_without_weights("efficientnet_b0")
    taps = ("stem", *(f"stage{n}" for n in range(1, 8)), "features")

    assert [model.get_layer(tap).output.shape[1:] for tap in taps] == [
        (112, 112, 32),
        (112, 112, 16),
        (56, 56, 24),
        (28, 28, 40),
        (14, 14, 80),
        (14, 14, 112),
        (7, 7, 192),
        (7, 7, 320),
        (7, 7, 1280),
    ]


def test_stochastic_depth_rises_linearly_towards_the_last_block():
    model = build_without_weights("efficientnet_b0")
    rates = [layer.rate for layer in model.layers if isinstance(layer, StochasticDepth)]

    assert rates == sorted(rates)
    assert rates[0] == pytest.approx(0.2 * 2 / 16)  # the first block that has a shortcut is the third of 16
    assert rates[-1] == pytest.approx(0.2 * 14 / 16)


@pytest.mark.parametrize("number", range(5))
def test_lite_has_no_gates_one_stem_and_one_head(number):
    model = build_without_weights(f"efficientnet_lite{number}")

    assert not any(isinstance(layer, layers.Multiply) for layer in model.layers)
    assert model.get_layer("stem").output.shape[-1] == 32
    assert model.get_layer("features").output.shape[-1] == 1280
    assert {layer.activation.__name__ for layer in model.layers if isinstance(layer, layers.Activation)} == {"relu6"}


def test_keras_s_form_takes_pixels_of_0_to_255_and_the_paper_s_standardised_ones():
    keras_form = build("efficientnet_b0", (32, 32, 3), like="keras", classes=3)
    paper_form = build("efficientnet_b0", (32, 32, 3), classes=3)
    paper_form.set_weights([weight for weight in keras_form.weights if not weight.path.startswith("normalization")])
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")
    answer = np.array(keras_form(pixels))

    assert np.abs(answer).max() > 1e-6  # of a fresh network, whose gates halve and whose shortcuts add up
    assert relative(paper_form(pixels / 255), answer) < 1e-4
