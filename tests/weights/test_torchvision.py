"""Torchvision's weights, under which every family has to answer as torchvision does."""

import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers.precision import precision
from kcnn.models import CATALOG, build, build_without_weights
from kcnn.weights import load
from kcnn.weights.loading import ORIGINS, entries
from tests.weights import golden

QUICK = {
    "alexnet@224",
    "googlenet@224",
    "resnet18@224",
    "resnet50@224",
    "resnext50_32x4d@224",
    "densenet121@224",
    "squeezenet1_0@224",
    "mobilenet_v2@224",
    "shufflenet_v2_x1_0@224",
    "efficientnet_b0@224",
    "googlenet@75x75",
    "mobilenet_v2:0.5@97x131",
    "shufflenet_v2_x1_0@97x131",
    "squeezenet1_1@97x131",
    "resnet18@97x131",
}


def marked(keys):
    return [key if key in QUICK else pytest.param(key, marks=pytest.mark.slow) for key in keys]


def made(entry_shapes):
    return {name: golden.weight(name, tuple(shape)) for name, shape in entry_shapes}


@pytest.mark.parametrize("key", marked(golden.ENTRIES))
def test_it_answers_as_torchvision_does(key):
    name, size = key.split("@")
    model = build(name, (int(size), int(size), 3), like="torchvision")

    loaded = load(model, made(golden.ENTRIES[key]), "torchvision")

    answer = model(golden.image((2, *model.input_shape[1:])))
    assert golden.relative(answer, golden.expected(key)) < 1e-4
    assert len(loaded.ignored) == (18 if name == "googlenet" else 0)


@pytest.mark.parametrize("key", golden.CLIPS)
def test_networks_for_clips_answer_as_torchvisions_do(key):
    name, size = key.split("@")
    model = build(name, (*map(int, size.split("x")), 3), like="torchvision")

    loaded = load(model, made(golden.CLIPS[key]), "torchvision")

    assert golden.relative(model(golden.image((2, *model.input_shape[1:]))), golden.expected(key)) < 1e-4
    assert set(loaded.entries) == {entry for entry, _ in golden.CLIPS[key]}
    assert loaded.ignored == ()


def test_the_weights_of_clips_need_no_form_and_no_number_of_frames():
    model = build("r3d_18", (8, 32, 32, 3))

    load(model, made(golden.CLIPS["r3d_18@8x112x112"]), "torchvision")

    stem = golden.weight("stem.0.weight", (64, 3, 3, 7, 7))
    np.testing.assert_array_equal(model.get_layer("stem_conv").kernel, stem.transpose(2, 3, 4, 1, 0))


# Under these weights the larger EfficientNets amplify rounding by up to 1e6: float64 takes it away.
AMPLIFYING = tuple(f"efficientnet_b{n}@" for n in range(2, 8))


@pytest.fixture
def sharp(key):
    """The precision in which a network is held against its reference."""
    kind = "float64" if key.startswith(AMPLIFYING) else "float32"
    golden.compute_in(kind)
    yield kind
    golden.compute_in("float32")


@pytest.mark.parametrize("key", marked(golden.SIZES))
def test_it_answers_as_torchvision_does_at_odd_sizes(key, sharp):
    named, size = key.split("@")
    name, _, width = named.partition(":")
    shape = (*map(int, size.split("x")), 3)
    model = build(name, shape, like="torchvision", **({"width": float(width)} if width else {}))

    load(model, made(entries(model, "torchvision").items()), "torchvision")

    assert model.weights[0].dtype == sharp
    assert golden.relative(model(golden.image((1, *shape))), golden.expected(key)) < 1e-4


@pytest.mark.parametrize("name", [name for name, row in CATALOG.items() if "torchvision" in row.libraries])
def test_every_variant_that_torchvision_has_can_be_loaded_from_it(name):
    model = build_without_weights(name, like="torchvision")

    wanted = entries(model, "torchvision")

    assert sum(np.prod(shape, dtype=int) for shape in wanted.values()) == model.count_params()


def test_auxiliary_heads_are_loaded_where_the_model_has_them_and_ignored_where_not():
    weights = made(golden.ENTRIES["googlenet@224"])
    with_heads = build("googlenet", like="torchvision", aux_heads=True)
    without = build("googlenet", like="torchvision")

    assert load(with_heads, weights, "torchvision").ignored == ()
    ignored = load(without, weights, "torchvision").ignored

    assert {name.split(".")[0] for name in ignored} == {"aux1", "aux2"}
    answer = with_heads(golden.image((2, 224, 224, 3)))["logits"]
    assert golden.relative(answer, golden.expected("googlenet@224")) < 1e-4


def test_heads_that_the_source_lacks_are_missed():
    weights = {k: v for k, v in made(golden.ENTRIES["googlenet@224"]).items() if not k.startswith("aux")}

    with pytest.raises(InputError, match=r"missing: aux1\.conv\.bn\.bias"):
        load(build("googlenet", like="torchvision", aux_heads=True), weights, "torchvision")


def test_the_names_of_densenet_s_published_files_are_known():
    weights = made(golden.ENTRIES["densenet121@224"])
    old = {k.replace(".norm1.", ".norm.1.").replace(".conv2.", ".conv.2."): v for k, v in weights.items()}
    assert set(old) != set(weights)
    model = build("densenet121", (32, 32, 3))

    assert len(load(model, old, "torchvision").entries) == len(weights)


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("alexnet", None),
        ("vgg11", None),
        ("googlenet", None),
        *((name, like) for name in ("resnet50", "mobilenet_v2", "efficientnet_b0") for like in (None, "keras")),
    ],
)
def test_a_model_of_another_form_is_refused(name, like):
    model = build(name, (67, 67, 3), like=like)

    with pytest.raises(InputError, match=f"{name} was not built in torchvision's form: .* need like='torchvision'"):
        load(model, made(golden.ENTRIES[f"{name}@224"]), "torchvision")


@pytest.mark.parametrize("name", ["resnet18", "vgg11", "densenet121", "squeezenet1_0", "shufflenet_v2_x1_0"])
def test_where_the_forms_agree_the_paper_s_may_be_loaded(name):
    """VGG's do where the image has 224 pixels a side."""
    model = build(name)

    load(model, made(golden.ENTRIES[f"{name}@224"]), "torchvision")

    assert golden.relative(model(golden.image((2, 224, 224, 3))), golden.expected(f"{name}@224")) < 1e-4


@pytest.mark.parametrize(
    "name", ["lenet5", "resnet20_cifar", "resnext29_8x64d", "vgg11_lrn", "efficientnet_lite0", "c3d_small"]
)
def test_what_torchvision_does_not_have_is_refused(name):
    with pytest.raises(InputError, match=f"torchvision has no weights for {name}"):
        load(build_without_weights(name), {}, "torchvision")


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_the_first_layer_is_adapted_to_other_channels(channels):
    """A grey image answers as it did in colour: each channel is the same picture."""
    weights = made(golden.ENTRIES["resnet18@224"])
    colour, other = build("resnet18", (64, 64, 3)), build("resnet18", (64, 64, channels))
    load(colour, weights, "torchvision")
    load(other, weights, "torchvision")
    grey = np.random.default_rng(0).normal(size=(2, 64, 64, 1)).astype("float32")

    np.testing.assert_allclose(
        other(np.repeat(grey, channels, -1)), colour(np.repeat(grey, 3, -1)), rtol=1e-3, atol=1e-2
    )


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_the_first_layer_of_a_network_for_clips_is_adapted_too(channels):
    weights = made(golden.CLIPS["r3d_18@8x112x112"])
    colour, other = build("r3d_18", (8, 16, 16, 3)), build("r3d_18", (8, 16, 16, channels))
    load(colour, weights, "torchvision")
    load(other, weights, "torchvision")
    grey = np.random.default_rng(0).normal(size=(1, 8, 16, 16, 1)).astype("float32")

    expected = colour(np.repeat(grey, 3, -1))
    assert golden.relative(other(np.repeat(grey, channels, -1)), np.asarray(expected)) < 1e-4


def test_origins_name_only_families_that_exist():
    for origin in ORIGINS.values():
        assert set(origin.rules) <= {row.module for row in CATALOG.values()}


def test_weights_load_under_mixed_precision():
    with precision("mixed_bfloat16"):
        model = build("resnet18", (64, 64, 3))

    load(model, made(golden.ENTRIES["resnet18@224"]), "torchvision")

    assert model.get_layer("stem_conv").kernel.dtype == "float32"
