import numpy as np
import pytest
from keras import layers

from kcnn.models import build, build_without_weights
from kcnn.models.summary import summarise
from tests.contracts.model import ModelContract


@pytest.mark.parametrize(
    "name",
    [
        "resnet18",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in (
                "resnet34",
                "resnet50",
                "resnet101",
                "resnet152",
                "wide_resnet50_2",
                "resnext50_32x4d",
                "resnext101_32x8d",
                "resnext29_8x64d",
                "resnext29_16x64d",
            )
        ),
    ],
)
class TestContract(ModelContract):
    pass


def shapes(model, *names):
    return [model.get_layer(name).output.shape[1:] for name in names]


def test_the_stages_have_the_maps_of_table_1():
    model = build_without_weights("resnet50")

    assert shapes(model, "stem", "stage1", "stage2", "stage3", "stage4", "pooled") == [
        (56, 56, 64),
        (56, 56, 256),
        (28, 28, 512),
        (14, 14, 1024),
        (7, 7, 2048),
        (2048,),
    ]


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("resnet18", 18),
        ("resnet34", 34),
        ("resnet50", 50),
        ("resnet101", 101),
        ("resnet152", 152),
        ("resnext29_8x64d", 29),
    ],
)
def test_it_has_as_many_layers_as_its_name_says_beside_the_shortcuts(name, depth):
    weighted = [
        layer.name
        for layer in build_without_weights(name).layers
        if isinstance(layer, layers.Conv2D | layers.Dense) and "shortcut" not in layer.name
    ]

    assert len(weighted) == depth


@pytest.mark.parametrize(
    ("name", "giga"), [("resnet18", 1.8), ("resnet34", 3.6), ("resnet50", 3.8), ("resnet101", 7.6), ("resnet152", 11.3)]
)
def test_multiply_adds_are_those_of_table_1(name, giga):
    """The paper rounds down, and what it does not count makes up to 2 %."""
    assert summarise(build_without_weights(name)).multiply_adds / 1e9 == pytest.approx(giga, rel=0.025)


@pytest.mark.parametrize(("like", "first", "second"), [(None, 2, 1), ("keras", 2, 1), ("torchvision", 1, 2)])
def test_the_forms_halve_in_different_convolutions(like, first, second):
    model = build_without_weights("resnet50", like=like)

    assert model.get_layer("stage2_block1_a_conv").strides == (first, first)
    assert model.get_layer("stage2_block1_b_conv").strides == (second, second)


def test_only_keras_has_biases_before_normalisation():
    assert build_without_weights("resnet50", like="keras").get_layer("stage1_block1_a_conv").use_bias
    assert not build_without_weights("resnet50").get_layer("stage1_block1_a_conv").use_bias


@pytest.mark.parametrize(
    ("name", "groups", "width"),
    [
        ("resnext50_32x4d", 32, 128),
        ("resnext101_32x8d", 32, 256),
        ("resnext29_8x64d", 8, 512),
        ("resnext29_16x64d", 16, 1024),
    ],
)
def test_the_groups_of_resnext_are_those_of_its_name(name, groups, width):
    middle = build_without_weights(name).get_layer("stage1_block1_b_conv")

    assert (middle.groups, middle.filters) == (groups, width)


def test_resnext29_has_three_stages_of_32_16_and_8_pixels():
    model = build_without_weights("resnext29_8x64d")

    assert shapes(model, "stage1", "stage2", "stage3") == [(32, 32, 256), (16, 16, 512), (8, 8, 1024)]


def test_a_small_stem_keeps_every_pixel():
    assert shapes(build_without_weights("resnet18", (32, 32, 3), small_stem=True), "stem", "features") == [
        (32, 32, 64),
        (4, 4, 512),
    ]


def test_dropout_acts_before_the_classifier_in_training_only():
    model = build("resnet18", (32, 32, 3), classes=4, dropout=0.5)
    x = np.ones((2, 32, 32, 3), "float32")

    np.testing.assert_array_equal(model(x), model(x))
    assert model.get_layer("dropout").rate == 0.5
