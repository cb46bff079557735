"""What is refused when weights are loaded, and that a refused source changes nothing."""

import keras
import ml_dtypes
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.models import build
from kcnn.weights import load
from kcnn.weights.loading import entries
from tests.weights import golden


@pytest.fixture
def model():
    return build("squeezenet1_1", (32, 32, 3), classes=5)


@pytest.fixture
def weights(model):
    return {name: golden.weight(name, shape) for name, shape in entries(model, "torchvision").items()}


def unchanged(model, weights, message, origin="torchvision"):
    before = model.get_weights()
    with pytest.raises(ValueError, match=message) as caught:
        load(model, weights, origin)
    assert isinstance(caught.value, InputError)
    assert "\n" not in str(caught.value)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_every_entry_arrives(model, weights):
    loaded = load(model, weights, "torchvision")

    assert set(loaded.entries) == set(weights)
    kernel = model.get_layer("fire2_expand3x3_conv").get_weights()[0]
    np.testing.assert_array_equal(kernel, weights["features.3.expand3x3.weight"].transpose(2, 3, 1, 0))


def test_missing_entries_are_named(model, weights):
    del weights["features.0.bias"], weights["classifier.1.weight"]

    unchanged(model, weights, r"missing: classifier\.1\.weight, features\.0\.bias$")


def test_entries_left_over_are_named(model, weights):
    weights["features.99.weight"] = np.zeros(3)

    unchanged(model, weights, r"left over: features\.99\.weight$")


def test_many_names_are_counted(model):
    unchanged(model, {}, r"missing: classifier\.1\.bias, .* and 47 more$")


def test_misshapen_entries_are_named_with_both_shapes(model, weights):
    weights["classifier.1.bias"] = np.zeros(1000)

    unchanged(model, weights, r"another shape than the model's: classifier\.1\.bias is \(1000,\), not \(5,\)$")


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_entries_that_are_no_numbers_are_named(model, weights, wrong):
    weights["features.0.bias"][3] = wrong

    unchanged(model, weights, r"not finite numbers: features\.0\.bias")


def test_entries_of_text_are_named(model, weights):
    weights["features.0.bias"] = np.array(["x"] * 64)

    unchanged(model, weights, r"not finite numbers: features\.0\.bias")


@pytest.mark.parametrize(
    ("origin", "message"),
    [("torch", "unknown origin of weights 'torch': did you mean 'torchvision'"), (None, "unknown origin of weights")],
)
def test_an_unknown_origin_is_answered_with_the_nearest(model, weights, origin, message):
    unchanged(model, weights, message, origin)


def test_an_origin_that_lacks_the_family_is_refused(model, weights):
    unchanged(model, weights, "keras has no weights for squeezenet1_1", "keras")
    unchanged(model, weights, "efficientnet_lite has no weights for squeezenet1_1", "efficientnet_lite")


def test_a_file_that_is_not_there_is_named(model):
    unchanged(model, "nowhere.pth", "nowhere.pth")


def test_a_model_that_kcnn_does_not_know_is_refused():
    image = keras.Input((3, 3, 1))
    mine = keras.Model(image, keras.layers.Flatten()(image), name="my_own")

    with pytest.raises(InputError, match="unknown model 'my_own'"):
        load(mine, {}, "torchvision")


def test_a_network_that_was_trained_in_dataparallel_is_loaded(model, weights):
    load(model, {f"module.{name}": values for name, values in weights.items()}, "torchvision")

    np.testing.assert_array_equal(model.get_layer("conv1_conv").bias, weights["features.0.bias"])


def test_bfloat16_values_are_loaded(model, weights):
    half = {name: values.astype(ml_dtypes.bfloat16) for name, values in weights.items()}

    load(model, half, "torchvision")

    np.testing.assert_array_equal(model.get_layer("conv1_conv").bias, half["features.0.bias"].astype("float32"))


@pytest.mark.parametrize("name", ["squeezenet1_1", "vgg11", "resnet18"])
def test_a_model_that_answers_maps_alone_ignores_the_classifier(name):
    whole = build(name, (32, 32, 3), classes=5, like="torchvision")
    weights = {name: golden.weight(name, shape) for name, shape in entries(whole, "torchvision").items()}
    load(whole, weights, "torchvision")
    maps = build(name, (32, 32, 3), like="torchvision", features_only=True)

    loaded = load(maps, weights, "torchvision")

    x = golden.image((2, 32, 32, 3))
    assert {name.split(".")[0] for name in loaded.ignored} <= {"classifier", "fc"}
    assert set(loaded.ignored) | set(loaded.entries) == set(weights)
    np.testing.assert_array_equal(maps(x)["features"], _at(whole, "features")(x))


def _at(model, layer):
    return keras.Model(model.input, model.get_layer(layer).output)


def test_the_gates_of_a_model_that_lite_lacks_are_not_asked_for():
    with pytest.raises(InputError, match="efficientnet_lite has no weights for efficientnet_b0"):
        load(build("efficientnet_b0", (32, 32, 3)), {}, "efficientnet_lite")
