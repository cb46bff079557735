import re

import numpy as np
import pytest
from keras import layers

from kcnn.layers import ZeroPadShortcut
from kcnn.models import build, build_without_weights
from kcnn.models.summary import summarise
from tests.contracts.model import ModelContract

DEEP_PLAIN = ["plain56_cifar", "plain110_cifar"]
DEEPER = [f"resnet{depth}_cifar" for depth in (32, 44, 56, 110)] + ["plain32_cifar", "plain44_cifar"]


@pytest.mark.parametrize(
    "name", ["resnet20_cifar", "plain20_cifar", *(pytest.param(name, marks=pytest.mark.slow) for name in DEEPER)]
)
class TestContract(ModelContract):
    pass


@pytest.mark.slow
@pytest.mark.parametrize("name", DEEP_PLAIN)
class TestDeepPlain(ModelContract):
    """Without shortcuts they learn slowly at first, and that of 110 layers hardly (He et al. 2015, figure 6)."""

    updates, window = 40, 5


def kinds(model, kind):
    return [layer for layer in model.layers if isinstance(layer, kind)]


@pytest.mark.parametrize("name", ["resnet20_cifar", "plain20_cifar", *DEEPER, *DEEP_PLAIN])
def test_it_has_as_many_layers_with_weights_as_its_name_says(name):
    weighted = kinds(build_without_weights(name), layers.Conv2D | layers.Dense)

    assert len(weighted) == int(re.search(r"\d+", name).group())


def test_the_stages_have_the_papers_maps():
    model = build("resnet20_cifar")
    shapes = [model.get_layer(tap).output.shape[1:] for tap in ("stem", "stage1", "stage2", "stage3", "pooled")]

    assert shapes == [(32, 32, 16), (32, 32, 16), (16, 16, 32), (8, 8, 64), (64,)]


def test_nine_shortcuts_of_which_two_shrink_the_maps():
    model = build("resnet20_cifar")

    assert len(kinds(model, layers.Add)) == 9
    assert len(kinds(model, ZeroPadShortcut)) == 2
    assert not kinds(build("plain20_cifar"), layers.Add | ZeroPadShortcut)


def test_an_odd_size_shrinks_alike_in_the_block_and_its_shortcut():
    assert build("resnet20_cifar", (17, 9, 3)).get_layer("features").output.shape[1:] == (5, 3, 64)


def test_a_strided_convolution_is_padded_alike_on_both_sides():
    model = build("resnet20_cifar", (8, 8, 3))
    pad, convolution = (model.get_layer(f"stage2_block1_a_{part}") for part in ("pad", "conv"))
    x = np.random.default_rng(0).normal(size=(1, 8, 8, 16)).astype("float32")
    kernel = convolution.get_weights()[0]
    centre = np.einsum("yxi,yxio->o", x[0, 3:6, 3:6], kernel)  # the window around place (4, 4)

    np.testing.assert_allclose(np.array(convolution(pad(x)))[0, 2, 2], centre, rtol=1e-3, atol=1e-4)


def test_normalisation_has_the_constants_of_its_time():
    norms = kinds(build("resnet20_cifar"), layers.BatchNormalization)

    assert {(norm.momentum, norm.epsilon) for norm in norms} == {(0.9, 1e-5)}
    assert len(norms) == 19


def test_convolutions_start_gaussian_with_variance_two_over_fan_in():
    kernel = build("resnet20_cifar").get_layer("stage3_block2_a_conv").get_weights()[0]

    assert kernel.std() == pytest.approx((2 / (9 * 64)) ** 0.5, rel=0.03)


def test_option_b_projects_where_option_a_pads():
    model = build_without_weights("resnet20_cifar", shortcut="B")

    assert not kinds(model, ZeroPadShortcut)
    assert summarise(model).trainable_parameters == 269_722 + (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64)
