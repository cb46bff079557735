import keras
import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.models import build, build_without_weights, check
from kcnn.models.dilated import context_module
from kcnn.models.summary import receptive_fields, summarise
from tests.contracts.maps import SegmentationContract

SMALL = {"base": 4, "head": 8, "dropout": 0}


class TestFrontEndUnpadded(SegmentationContract):
    name, options = "dilated_frontend", SMALL
    shape, answer = (380, 396, 3), {"logits": (8, 24, 3)}


class TestFrontEndPadded(SegmentationContract):
    name, options = "dilated_frontend", {**SMALL, "padding": "same", "norm": "batch"}
    shape, answer = (32, 40, 3), {"logits": (32, 40, 3)}


class TestContextUnpadded(SegmentationContract):
    name, options = "dilated_context", SMALL
    shape, answer = (396, 404, 1), {"logits": (24, 32, 3)}


class TestContextPadded(SegmentationContract):
    name, options = "dilated_context", {**SMALL, "padding": "same", "context": "large"}
    shape, answer = (48, 40, 1), {"logits": (48, 40, 3)}


def test_an_image_of_900_gives_66_places_and_528_pixels():
    shapes = {layer.name: layer.output.shape[1:] for layer in build_without_weights("dilated_context").layers}

    assert shapes["stage3"] == (108, 108, 256)
    assert shapes["stage4"] == (102, 102, 512)
    assert shapes["stage5"] == (90, 90, 512)
    assert shapes["features"] == (66, 66, 4096)
    assert shapes["score"] == shapes["context8_conv"] == (66, 66, 21)
    assert shapes["logits"] == (528, 528, 21)


def test_a_place_of_the_front_end_sees_as_much_as_vgg_16_s_first_dense_layer_but_for_two_poolings():
    field = receptive_fields(build_without_weights("dilated_frontend"))["features"]
    vgg = receptive_fields(build_without_weights("vgg16"))["features"]

    assert vgg.through(7).size - 8 - 16 == field.size == 380
    assert field.stride == 8


def test_fields_and_filters_of_the_context_module_are_those_of_table_1():
    inputs = keras.Input((64, 64, 5))
    for context, widths in (("basic", [1] * 8), ("large", [2, 2, 4, 8, 16, 32, 32, 1])):
        model = keras.Model(inputs, context_module(inputs, context, "same"))
        fields = receptive_fields(model)

        assert [fields[f"context{layer}_conv"].size for layer in range(1, 9)] == [3, 5, 9, 17, 33, 65, 67, 67]
        assert [model.get_layer(f"context{layer}_conv").filters for layer in range(1, 9)] == [5 * w for w in widths]


def test_the_basic_context_module_adds_64_weights_a_pair_of_classes_and_the_biases():
    counts = [
        summarise(build_without_weights(name, (380, 380, 3))).trainable_parameters
        for name in ("dilated_frontend", "dilated_context")
    ]

    assert counts[1] - counts[0] == 64 * 21**2 + 8 * 21


@pytest.mark.parametrize(("context", "tolerance"), [("basic", 0), ("large", 0.2)])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_a_fresh_context_module_returns_its_input(context, tolerance, padding):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((20, 24, 3))
    model = keras.Model(inputs, context_module(inputs, context, padding))
    x = np.random.default_rng(0).uniform(0, 1, (2, 20, 24, 3)).astype("float32")

    np.testing.assert_allclose(model(x), x, atol=tolerance)
    np.testing.assert_allclose(model(-x), np.zeros_like(x), atol=tolerance)


def test_no_filter_of_the_large_form_is_a_copy_of_another():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((20, 24, 3))
    model = keras.Model(inputs, context_module(inputs, "large", "same"))
    kernel = model.get_layer("context3_conv").get_weights()[0]

    assert np.unique(kernel.reshape(-1, kernel.shape[-1]), axis=1).shape[1] == 12


def test_layers_are_called_and_dilated_as_said():
    model = build_without_weights("dilated_frontend", (380, 380, 3), base=2, head=4)
    vgg = build_without_weights("vgg16", (224, 224, 3))
    convolutions = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]

    assert {layer.name for layer in convolutions} - {"fc6_conv", "fc7_conv", "score"} == {
        layer.name for layer in vgg.layers if isinstance(layer, layers.Conv2D)
    }
    assert [layer.dilation_rate[0] for layer in convolutions] == [1] * 10 + [2] * 3 + [4, 1, 1]


def test_dropout_follows_both_layers_of_the_head():
    def drops(**options):
        model = build_without_weights("dilated_context", (380, 380, 3), base=2, head=4, **options)
        return [layer.rate for layer in model.layers if isinstance(layer, layers.Dropout)]

    assert drops() == [0.5, 0.5]
    assert drops(dropout=0) == []


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((379, 380, 3), {}, "at least 380x380"),
        ((384, 388, 3), {}, "needs sides that are multiples of 8 plus 4, got 384x388: the nearest are 380x388"),
        ((30, 32, 3), {"padding": "same"}, "needs sides that are multiples of 8, got 30x32: the nearest are 32x32"),
        (None, {"context": "huge"}, "context of dilated_context must be 'basic' or 'large', got 'huge'"),
        (None, {"padding": "zero"}, "padding of dilated_context must be 'valid' or 'same', got 'zero'"),
        (None, {"base": 0}, "base of dilated_context must be a whole number of at least 1, got 0"),
    ],
)
def test_what_cannot_be_built_is_refused(shape, options, message):
    with pytest.raises(InputError, match=message):
        check("dilated_context", shape, None, options)


def test_the_front_end_has_no_context():
    with pytest.raises(InputError, match="unknown option of dilated_frontend 'context'"):
        build("dilated_frontend", context="basic")
