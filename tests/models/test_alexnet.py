import pytest

from kcnn.layers import GroupedConv2D, LocalResponseNormalization
from kcnn.models import build_without_weights
from kcnn.models.summary import summarise
from tests.contracts.model import ModelContract


@pytest.mark.parametrize("name", ["alexnet"])
class TestContract(ModelContract):
    pass


def test_the_maps_have_the_papers_sizes():
    model = build_without_weights("alexnet")
    names = ("conv1_conv", "conv2_conv", "conv3_conv", "conv4_conv", "conv5_conv", "features")

    assert [model.get_layer(name).output.shape[1:] for name in names] == [
        (55, 55, 96),
        (27, 27, 256),
        (13, 13, 384),
        (13, 13, 384),
        (13, 13, 256),
        (6, 6, 256),
    ]


def test_the_towers_do_not_meet_in_the_second_fourth_and_fifth_convolution():
    model = build_without_weights("alexnet")
    grouped = [layer.name for layer in model.layers if isinstance(layer, GroupedConv2D) and layer.groups == 2]

    assert grouped == ["conv2_conv", "conv4_conv", "conv5_conv"]


def test_the_first_two_convolutions_are_followed_by_local_response_normalisation():
    model = build_without_weights("alexnet")
    normalised = [layer.input.shape[1:] for layer in model.layers if isinstance(layer, LocalResponseNormalization)]

    assert normalised == [(55, 55, 96), (27, 27, 256)]


def test_torchvision_s_form_is_one_tower_without_normalisation():
    model = build_without_weights("alexnet", like="torchvision")

    assert not any(isinstance(layer, GroupedConv2D | LocalResponseNormalization) for layer in model.layers)
    assert summarise(model).trainable_parameters == 61_100_840
