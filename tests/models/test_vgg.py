import pytest
from keras import layers

from kcnn.layers import LocalResponseNormalization
from kcnn.models import build_without_weights
from kcnn.models.summary import summarise
from tests.contracts.model import ModelContract

OTHERS = [
    "vgg11",
    "vgg11_lrn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg16_c",
    "vgg19",
    "vgg19_bn",
]


@pytest.mark.parametrize("name", ["vgg11_bn", *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)])
class TestContract(ModelContract):
    pass


@pytest.mark.parametrize(
    ("name", "depth"), [("vgg11", 11), ("vgg11_lrn", 11), ("vgg13", 13), ("vgg16_c", 16), ("vgg16", 16), ("vgg19", 19)]
)
def test_it_has_as_many_weight_layers_as_its_name_says(name, depth):
    kinds = (layers.Conv2D, layers.Dense)

    assert sum(isinstance(layer, kinds) for layer in build_without_weights(name).layers) == depth


@pytest.mark.parametrize(
    ("name", "millions"),
    [("vgg11", 133), ("vgg11_lrn", 133), ("vgg13", 133), ("vgg16_c", 134), ("vgg16", 138), ("vgg19", 144)],
)
def test_parameters_are_those_of_table_2(name, millions):
    assert round(summarise(build_without_weights(name)).trainable_parameters / 1e6) == millions


def test_column_c_has_1x1_filters_at_the_end_of_its_last_stages():
    model = build_without_weights("vgg16_c")
    sizes = [model.get_layer(f"stage{stage}_block3_conv").kernel_size for stage in (3, 4, 5)]

    assert sizes == [(1, 1)] * 3


def test_lrn_follows_the_first_convolution_alone():
    model = build_without_weights("vgg11_lrn")
    (normalised,) = (layer for layer in model.layers if isinstance(layer, LocalResponseNormalization))

    assert normalised.input.shape[1:] == (224, 224, 64)


def test_the_paper_s_form_flattens_what_there_is_and_torchvision_s_brings_it_to_7x7():
    paper = build_without_weights("vgg11", (32, 64, 3))
    library = build_without_weights("vgg11", (32, 64, 3), like="torchvision")

    assert paper.get_layer("fc1").kernel.shape == (1 * 2 * 512, 4096)
    assert library.get_layer("fc1").kernel.shape == (7 * 7 * 512, 4096)


def test_without_dropout_there_is_none():
    def dropouts(model):
        return [layer.rate for layer in model.layers if isinstance(layer, layers.Dropout)]

    assert dropouts(build_without_weights("vgg11")) == [0.5, 0.5]
    assert dropouts(build_without_weights("vgg11", dropout=0)) == []
