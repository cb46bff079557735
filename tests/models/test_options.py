import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.models import CATALOG, build, build_without_weights, check
from kcnn.models.options import OPTION_RULES


def test_every_option_has_a_rule_and_every_rule_an_option():
    assert {option for row in CATALOG.values() for option in row.options} == {*OPTION_RULES, "like"}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("mlp", {"hiden": (3,)}, "unknown option of mlp 'hiden': did you mean 'hidden'"),
        ("lenet5_1998", {"activation": "relu"}, "unknown option of lenet5_1998 'activation': there are: features_only"),
        ("mlp", {"hidden": 300}, "hidden of mlp must be a list of sizes"),
        ("mlp", {"hidden": (300, 0)}, "hidden of mlp must be a list of sizes"),
        ("mlp", {"dropout": 1.0}, "dropout of mlp must be a number from 0"),
        ("lenet5", {"activation": "step"}, "activation of lenet5 must be 'relu' or 'tanh', got 'step'"),
        ("resnet18", {"norm": "bach"}, "norm of resnet18 must be 'batch', 'layer', 'instance' or 'group', got 'bach'"),
        ("resnet18", {"small_stem": 1}, "small_stem of resnet18 must be true or false, got 1"),
        ("resnet20_cifar", {"shortcut": "C"}, "shortcut of resnet20_cifar must be 'A' or 'B', got 'C'"),
        ("plain20_cifar", {"shortcut": "A"}, "unknown option of plain20_cifar 'shortcut'"),
        ("mobilenet_v2", {"width": 0}, "width of mobilenet_v2 must be a number from 0.1 to 4, got 0"),
        ("alexnet", {"like": "keras"}, "like of alexnet must be 'torchvision', got 'keras'"),
        ("vgg16", {"like": "timm"}, "like of vgg16 must be 'torchvision' or 'keras', got 'timm'"),
        ("resnext29_8x64d", {"like": "torchvision"}, "unknown option of resnext29_8x64d 'like'"),
        ("resnet18", {"features_only": "no"}, "features_only of resnet18 must be true or false, got 'no'"),
        ("neocognitron", {"features_only": True}, "unknown option of neocognitron 'features_only': there are: none"),
        ("text_cnn", {"features_only": True}, "unknown option of text_cnn 'features_only'"),
        ("tcn", {"levels": 25}, "levels of tcn must be a whole number from 1 to 24, got 25"),
        ("wavenet", {"levels": 0}, "levels of wavenet must be a whole number from 1 to 24, got 0"),
    ],
)
def test_options_are_checked_by_name_and_value(name, options, message):
    with pytest.raises(InputError, match=message):
        build(name, **options)


def test_the_paper_s_form_can_be_asked_for_by_none():
    assert check("resnet50", None, None, {"like": None})[0] == (224, 224, 3)


@pytest.mark.parametrize(
    ("name", "like", "side"),
    [("alexnet", None, 227), ("alexnet", "torchvision", 224), ("efficientnet_b2", "torchvision", 288)],
)
def test_a_library_s_form_has_that_library_s_default_size(name, like, side):
    assert check(name, None, None, {"like": like})[0] == (side, side, 3)


@pytest.mark.parametrize("channels", [1, 3, 4, 9])
@pytest.mark.parametrize("name", ["resnet18", "efficientnet_b0", "vgg11"])
def test_images_may_have_any_number_of_channels(name, channels):
    assert build_without_weights(name, (64, 64, channels)).input_shape == (None, 64, 64, channels)


def test_a_library_s_smallest_size_may_be_smaller_than_the_paper_s():
    assert check("alexnet", (63, 63, 3), None, {"like": "torchvision"})[0] == (63, 63, 3)
    with pytest.raises(InputError, match="at least 67x67"):
        check("alexnet", (63, 63, 3))


def test_numbers_may_be_numpy_s():
    assert check("resnet18", tuple(np.array([64, 64, 3])), np.int64(7)) == ((64, 64, 3), 7)
