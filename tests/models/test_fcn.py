import keras
import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.models import build, build_without_weights, check
from kcnn.models.summary import summarise
from tests.contracts.maps import SegmentationContract

SMALL = {"backbone": "resnet18", "dropout": 0}


class TestFCN8s(SegmentationContract):
    name, options = "fcn8s", SMALL
    shape, answer = (32, 64, 3), {"logits": (32, 64, 3)}


class TestFCN16s(SegmentationContract):
    name, options = "fcn16s", {**SMALL, "head": 8}
    shape, answer = (64, 32, 1), {"logits": (64, 32, 3)}


class TestFCN32s(SegmentationContract):
    name, options = "fcn32s", {**SMALL, "fixed_last": True}
    shape, answer = (32, 64, 3), {"logits": (32, 64, 3)}


VGG = 14_714_688
HEAD = 7 * 7 * 512 * 4096 + 4096 + 4096 * 4096 + 4096


@pytest.mark.parametrize(
    ("name", "scores", "enlarging"),
    [
        ("fcn32s", 4096 * 21 + 21, 64**2 * 21**2),
        ("fcn16s", (4096 + 512) * 21 + 2 * 21, (4**2 + 32**2) * 21**2),
        ("fcn8s", (4096 + 512 + 256) * 21 + 3 * 21, (2 * 4**2 + 16**2) * 21**2),
    ],
)
def test_its_parameters_are_vgg_16_s_the_scores_and_the_enlargements(name, scores, enlarging):
    """The paper has 134 M for VGG-16 (table 1)."""
    assert round((VGG + HEAD + 4096 * 21 + 21) / 1e6) == 134
    assert summarise(build_without_weights(name)).trainable_parameters == VGG + HEAD + scores + enlarging


def test_a_fixed_last_enlargement_is_not_trained():
    summary = summarise(build_without_weights("fcn8s", fixed_last=True))

    assert summary.non_trainable_parameters == 16**2 * 21**2


@pytest.mark.parametrize("name", ["fcn32s", "fcn16s", "fcn8s"])
def test_a_fresh_network_scores_nothing_and_interpolates_the_scores_that_it_is_given(name):
    model = build(name, (128, 128, 3), 3, **SMALL)
    x = np.random.default_rng(0).normal(size=(1, 128, 128, 3)).astype("float32")
    assert not np.asarray(model(x)).any()
    score = model.get_layer("score32")
    score.set_weights([np.random.default_rng(0).normal(size=weight.shape) for weight in score.get_weights()])

    scores = keras.Model(model.input, score.output)(x)

    if name == "fcn32s":  # in two steps the interpolation is nearly that in one
        expected = keras.ops.image.resize(scores, (128, 128), interpolation="bilinear")
        np.testing.assert_allclose(model(x)[:, 32:-32, 32:-32], expected[:, 32:-32, 32:-32], rtol=1e-4, atol=1e-4)
    assert np.asarray(model(x)).any()


@pytest.mark.parametrize(
    ("backbone", "maps"),
    [
        ("vgg11", {32: "stage5", 16: "stage4", 8: "stage3"}),
        ("resnet18", {32: "features", 16: "stage3", 8: "stage2"}),
        ("mobilenet_v2", {32: "features", 16: "stage4", 8: "stage3"}),
    ],
)
def test_the_last_maps_of_each_stride_are_scored(backbone, maps):
    model = build_without_weights("fcn8s", (64, 64, 3), backbone=backbone)
    scored = {32: model.get_layer("fc6_conv" if backbone == "vgg11" else "score32")}
    scored |= {stride: model.get_layer(f"score{stride}") for stride in (16, 8)}
    sources = {stride: layer.input._keras_history.operation.name for stride, layer in scored.items()}

    if backbone == "vgg11":
        maps = {**maps, 32: "features"}
    assert sources == maps


@pytest.mark.parametrize("backbone", ["googlenet", "densenet121", "efficientnet_b0", "shufflenet_v2_x1_0", "vgg11_bn"])
def test_other_families_carry_it(backbone):
    model = build_without_weights("fcn8s", (96, 64, 3), 4, backbone=backbone, head=16)

    assert model.output.shape == (None, 96, 64, 4)
    assert model.get_layer("fc6_conv").kernel.shape[-1] == 16


def test_the_backbone_takes_its_own_options():
    model = build_without_weights("fcn8s", (64, 64, 3), backbone="resnet18", backbone_options={"norm": "group"})

    assert any(isinstance(layer, layers.GroupNormalization) for layer in model.layers)
    assert not any(isinstance(layer, layers.BatchNormalization) for layer in model.layers)


def test_dropout_follows_both_layers_of_the_head():
    model = build_without_weights("fcn8s", (64, 64, 3), dropout=0.3)

    drops = {layer.name: layer.rate for layer in model.layers if isinstance(layer, layers.Dropout)}

    assert drops == {"fc6_dropout": 0.3, "fc7_dropout": 0.3}


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((500, 512, 3), {}, "fcn8s needs sides that are multiples of 32, got 500x512: the nearest are 512x512"),
        (None, {"backbone": "resnet16"}, "unknown model 'resnet16': did you mean 'resnet18'"),
        (None, {"backbone": 18}, "backbone of fcn8s must be the name of a classifier, got 18"),
        (None, {"backbone": "unet"}, "backbone of fcn8s must be the name of a classifier, got 'unet'"),
        (None, {"backbone": "neocognitron"}, "must be the name of a classifier"),
        (None, {"backbone_options": "norm"}, "must be a mapping of the backbone's options"),
        (None, {"backbone_options": {"norms": 1}}, "unknown option of vgg16 'norms': did you mean 'norm'"),
        ((32, 32, 3), {"backbone": "alexnet"}, "alexnet needs images of at least 67x67"),
        (None, {"head": 0}, "head of fcn8s must be a whole number of at least 1"),
        (None, {"fixed_last": 1}, "fixed_last of fcn8s must be true or false"),
    ],
)
def test_what_cannot_be_built_is_refused_before_keras(shape, options, message):
    with pytest.raises(InputError, match=message):
        check("fcn8s", shape, None, options)


@pytest.mark.parametrize("backbone", ["mlp", "resnet20_cifar", "squeezenet1_1"])
def test_a_backbone_without_such_maps_is_refused(backbone):
    with pytest.raises(InputError, match=f"maps of 1/32 of the image's size, {backbone} has none"):
        build("fcn8s", (64, 64, 3), backbone=backbone)


def test_a_small_stem_leaves_no_maps_of_the_largest_stride():
    with pytest.raises(InputError, match="maps of 1/32 of the image's size"):
        build("fcn8s", (64, 64, 3), backbone="resnet18", backbone_options={"small_stem": True})
