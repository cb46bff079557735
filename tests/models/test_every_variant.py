"""What is asked of every row of the catalogue, and needs a graph and no numbers."""

from importlib import import_module
from inspect import Parameter, signature

import keras
import pytest

from kcnn.errors import InputError
from kcnn.models import CATALOG, build, build_without_weights, check, variant
from kcnn.models.cuts import is_stage
from kcnn.models.summary import summarise
from tests.contracts.model import smallest_shape

CLASSIFIERS = [name for name, row in CATALOG.items() if row.classifier]
SEQUENCES = [name for name, row in CATALOG.items() if row.data in ("series", "text", "forecast")]
CLIPS = [name for name, row in CATALOG.items() if row.data == "video"]
NORMALISED = [name for name, row in CATALOG.items() if "norm" in row.options]
FIRST = {row.module: name for name, row in reversed(CATALOG.items()) if "norm" in row.options}
"""The first variant of each family that has a choice of normalisation."""


@pytest.mark.parametrize("name", CATALOG)
def test_it_has_the_published_number_of_parameters(name):
    summary = summarise(build_without_weights(name))

    assert summary.trainable_parameters == variant(name).parameters
    assert sum(row.parameters for row in summary.rows) == (
        summary.trainable_parameters + summary.non_trainable_parameters
    )


@pytest.mark.parametrize("name", CATALOG)
def test_its_builder_takes_the_options_of_the_catalogue(name):
    row = variant(name)
    parameters = signature(import_module(f"kcnn.models.{row.module}").BUILDERS[name]).parameters.values()

    assert set(row.options) - {"features_only"} <= {p.name for p in parameters if p.kind is Parameter.KEYWORD_ONLY}
    assert ("like" in row.options) == bool(row.libraries)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_its_taps_exist_in_order_and_it_is_flat(name):
    model = build_without_weights(name, smallest_shape(name))
    names = [layer.name for layer in model.layers]
    stages = [layer for layer in names if layer.removeprefix("stage").isdigit()]
    taps = ["stem", *(f"stage{n}" for n in range(1, len(stages) + 1)), "features", "pooled", "logits"]

    assert model.name == name
    assert stages
    assert [layer for layer in names if layer in taps] == taps
    assert not any(hasattr(layer, "layers") or hasattr(layer, "graph") for layer in model.layers)


@pytest.mark.parametrize("name", SEQUENCES)
def test_its_taps_are_those_of_sequences_for_any_number_of_steps(name):
    model = build_without_weights(name, (None, *variant(name).input_shape[1:]))
    names = [layer.name for layer in model.layers]
    taps = [layer for layer in names if is_stage(layer) or layer in ("stem", "features", "pooled", "logits")]
    last = ["features", "logits"] if variant(name).task == "forecasting" else ["features", "pooled", "logits"]
    stages = taps[: -len(last)]

    assert model.name == name
    assert model.input_shape[1] is None
    assert taps[-len(last) :] == last
    assert stages == (["stem"] if "stem" in taps else [f"stage{n}" for n in range(1, len(stages) + 1)])
    assert stages
    assert not any(hasattr(layer, "layers") or hasattr(layer, "graph") for layer in model.layers)


@pytest.mark.parametrize("name", CLIPS)
def test_its_taps_are_those_of_clips(name):
    """Networks of several streams have no stages that they share."""
    model = build_without_weights(name, smallest_shape(name))
    names = [layer.name for layer in model.layers]
    taps = [layer for layer in names if is_stage(layer) or layer in ("stem", "features", "pooled", "logits")]
    stages = [layer for layer in taps if is_stage(layer)]
    expected = ["stem", *(f"stage{n}" for n in range(1, len(stages) + 1)), "features", "pooled", "logits"]

    assert model.name == name
    assert model.input.name == "clip"
    assert taps == (expected if stages else [tap for tap in expected if tap in taps])
    assert taps[-3:] == ["features", "pooled", "logits"]
    assert bool(stages) == (name not in ("ji2013", "two_stream_3d"))
    assert not any(hasattr(layer, "layers") or hasattr(layer, "graph") for layer in model.layers)


@pytest.mark.parametrize("name", CATALOG)
def test_a_smaller_example_is_refused_with_the_smallest_size(name):
    least, *others = smallest_shape(name)

    assert check(name, (least, *others))[0] == (least, *others)
    with pytest.raises(InputError, match=f"at least {least}"):
        build(name, (least - 1, *others))


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_sequence_of_one_step_can_be_built(name):
    assert build_without_weights(name, smallest_shape(name)).input_shape[1] == 1


@pytest.mark.parametrize("name", [name for name in CLASSIFIERS if "small_stem" in CATALOG[name].options])
def test_a_small_stem_keeps_about_four_times_the_size_and_takes_a_quarter_of_it(name):
    usual = build_without_weights(name, (64, 96, 3) if name != "alexnet" else (128, 192, 3))
    small = build_without_weights(name, usual.input_shape[1:], small_stem=True)
    rows, columns = (
        small.get_layer("stem").output.shape[axis] // usual.get_layer("stem").output.shape[axis] for axis in (1, 2)
    )
    least = -(-variant(name).smallest[0] // 4)

    assert rows in (2, 3, 4)
    assert columns in (2, 3, 4)
    assert small.get_layer("features").output.shape[1] >= 3.5 * usual.get_layer("features").output.shape[1]
    assert build_without_weights(name, (least, least, 3), small_stem=True).output.shape == (None, 1000)
    with pytest.raises(InputError, match=f"at least {least}x{least}"):
        check(name, (least - 1, least, 3), None, {"small_stem": True})


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, "group") for name in NORMALISED]
    + [(name, kind) for name in FIRST.values() for kind in ("layer", "instance")],
)
def test_another_normalisation_replaces_every_one(name, kind):
    shape = (*variant(name).smallest, 3) if variant(name).data != "audio" else variant(name).smallest
    usual, other = build_without_weights(name, shape, norm="batch"), build_without_weights(name, shape, norm=kind)

    assert _count(other, keras.layers.GroupNormalization) == _count(usual, keras.layers.BatchNormalization) > 0
    assert _count(other, keras.layers.BatchNormalization) == 0
    assert summarise(other).trainable_parameters == summarise(usual).trainable_parameters


@pytest.mark.parametrize(
    ("name", "library"), [(name, library) for name, row in CATALOG.items() for library in row.libraries]
)
def test_the_form_of_every_library_that_has_it_can_be_built(name, library):
    model = build_without_weights(name, like=library)
    trained = summarise(model).trainable_parameters

    # Differences that the libraries have: AlexNet's and GoogLeNet's forms, biases before normalisation in Keras.
    if (name, library) in {("alexnet", "torchvision"), ("googlenet", "torchvision")} or (
        library == "keras" and variant(name).module == "resnet"
    ):
        assert trained != variant(name).parameters
    else:
        assert trained == variant(name).parameters


def _count(model, kind):
    return sum(isinstance(layer, kind) for layer in model.layers)


# Rates in the order of the layers, and whether the first comes before the first dense layer.
@pytest.mark.parametrize(
    ("name", "like", "rates", "first"),
    [
        ("alexnet", None, [0.5, 0.5], False),
        ("alexnet", "torchvision", [0.5, 0.5], True),
        ("vgg16", "torchvision", [0.5, 0.5], False),
        ("vgg16", "keras", [], False),
        ("googlenet", None, [0.4], True),
        ("googlenet", "torchvision", [0.2], True),
        ("squeezenet1_0", "torchvision", [0.5], True),
        ("mobilenet_v2", "torchvision", [0.2], True),
        ("mobilenet_v2", "keras", [], False),
        ("resnet50", "torchvision", [], False),
        ("densenet121", "keras", [], False),
        ("efficientnet_b4", "torchvision", [0.4], True),
        ("efficientnet_b7", "keras", [0.5], True),
    ],
)
def test_dropout_is_that_of_the_form(name, like, rates, first):
    model = build_without_weights(name, like=like)
    kinds = [type(layer) for layer in model.layers if isinstance(layer, keras.layers.Dropout | keras.layers.Dense)]

    assert [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)] == rates
    assert (bool(kinds) and kinds[0] is keras.layers.Dropout) == first
