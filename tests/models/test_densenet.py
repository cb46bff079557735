import pytest
from keras import layers

from kcnn.models import build_without_weights
from tests.contracts.model import ModelContract

OTHERS = [
    "densenet121",
    "densenet161",
    "densenet169",
    "densenet201",
    "densenet_bc100_k12",
    "densenet_bc190_k40",
]


@pytest.mark.parametrize("name", ["densenet_l40_k12", *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)])
class TestContract(ModelContract):
    pass


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("densenet121", 121),
        ("densenet161", 161),
        ("densenet169", 169),
        ("densenet201", 201),
        ("densenet_l40_k12", 40),
        ("densenet_bc100_k12", 100),
        ("densenet_bc190_k40", 190),
    ],
)
def test_it_has_as_many_weight_layers_as_its_name_says(name, depth):
    kinds = (layers.Conv2D, layers.Dense)

    assert sum(isinstance(layer, kinds) for layer in build_without_weights(name).layers) == depth


def test_the_blocks_of_densenet121_have_the_maps_of_table_1():
    model = build_without_weights("densenet121")
    taps = ("stem", "stage1", "stage2", "stage3", "stage4")

    assert [model.get_layer(tap).output.shape[1:] for tap in taps] == [
        (56, 56, 64),
        (56, 56, 256),
        (28, 28, 512),
        (14, 14, 1024),
        (7, 7, 1024),
    ]


@pytest.mark.parametrize(("name", "stem", "after"), [("densenet_l40_k12", 16, 160), ("densenet_bc100_k12", 24, 108)])
def test_only_bc_compresses_and_begins_with_2k_maps(name, stem, after):
    model = build_without_weights(name)

    assert model.get_layer("stem").output.shape[-1] == stem
    assert model.get_layer("transition1_conv").filters == after


def test_dropout_follows_every_convolution_but_the_first():
    model = build_without_weights("densenet_l40_k12", dropout=0.2)
    dropouts = [layer for layer in model.layers if isinstance(layer, layers.Dropout)]

    assert len(dropouts) == 36 + 2
    assert {layer.rate for layer in dropouts} == {0.2}
