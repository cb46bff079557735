"""keras.applications: the same weights, the same answers, from a mapping and from its files."""

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

from kcnn.errors import InputError
from kcnn.models import CATALOG, build
from kcnn.weights import entries, load
from kcnn.weights.keras_applications import APPLICATIONS, DEVIATIONS
from tests.weights.golden import relative

QUICK = {"resnet50", "densenet121", "mobilenet_v2", "efficientnet_b0", "efficientnet_b2"}


def application(name, size=64, **options):
    """A model of keras.applications, its weights drawn so that every one of them matters."""
    keras.utils.set_random_seed(0)
    options = {"weights": None, "input_shape": (size, size + 33, 3), "classifier_activation": None} | options
    model = getattr(keras.applications, APPLICATIONS[name])(**options)
    generator = np.random.default_rng(0)
    for weight in model.weights:
        if weight.name in ("moving_mean", "bias", "beta", "mean"):
            weight.assign(0.1 * generator.standard_normal(weight.shape))
        if weight.name in ("moving_variance", "gamma", "variance"):
            weight.assign(generator.uniform(0.5, 1.5, weight.shape))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
    return model


def without_classifier(model):
    return keras.Model(model.input, model.get_layer("features").output, name=model.name)


def images(model, count=2):
    scale = 255 if "efficientnet" in model.name else 1
    shape = (count, *model.input_shape[1:])
    return np.random.default_rng(1).uniform(0, scale, shape).astype("float32")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in APPLICATIONS]
)
def test_it_answers_as_keras_applications_does(name):
    theirs = application(name)
    ours = build(name, theirs.input_shape[1:], like="keras")

    load(ours, {variable.path: np.array(variable) for variable in theirs.variables}, "keras")

    assert relative(ours(images(theirs)), np.array(theirs(images(theirs)))) < 1e-4


def test_every_variant_that_keras_has_is_known():
    assert set(APPLICATIONS) == {name for name, row in CATALOG.items() if "keras" in row.libraries}


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2", "efficientnet_b0"])
@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
def test_its_files_are_read(name, suffix, tmp_path):
    theirs = application(name, classes=7)
    save = theirs.save_weights if suffix == ".weights.h5" else theirs.save
    save(tmp_path / f"file{suffix}")
    ours = build(name, theirs.input_shape[1:], classes=7, like="keras")

    load(ours, tmp_path / f"file{suffix}", "keras")

    assert relative(ours(images(theirs)), np.array(theirs(images(theirs)))) < 1e-4


@pytest.mark.parametrize("name", ["densenet121", "efficientnet_b0"])
def test_its_files_of_the_old_layout_are_read(name, tmp_path):
    import h5py

    theirs = application(name, classes=7)
    with h5py.File(tmp_path / "file.h5", "w") as file:
        save_weights_to_hdf5_group(file, theirs)
    ours = build(name, theirs.input_shape[1:], classes=7, like="keras")

    load(ours, tmp_path / "file.h5", "keras")

    assert relative(ours(images(theirs)), np.array(theirs(images(theirs)))) < 1e-4


@pytest.mark.parametrize("width", [0.35, 0.5, 1.4])
def test_mobilenet_of_another_width_is_read_from_numbered_layers(width, tmp_path):
    theirs = application("mobilenet_v2", alpha=width, classes=7)
    theirs.save_weights(tmp_path / "file.weights.h5")
    with h5py.File(tmp_path / "file.weights.h5", "r+") as file:
        file.visititems(lambda name, group: group.attrs.pop("name", None) and None)
    ours = build("mobilenet_v2", theirs.input_shape[1:], classes=7, like="keras", width=width)

    load(ours, tmp_path / "file.weights.h5", "keras")

    assert relative(ours(images(theirs)), np.array(theirs(images(theirs)))) < 1e-4


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "densenet121", "mobilenet_v2", "efficientnet_b0"])
def test_files_without_a_classifier_fit_a_network_without_one(name, tmp_path):
    theirs = application(name, include_top=False)
    theirs.save_weights(tmp_path / "file.weights.h5")
    ours = without_classifier(build(name, theirs.input_shape[1:], classes=7, like="keras"))

    load(ours, tmp_path / "file.weights.h5", "keras")

    assert relative(ours(images(theirs)), np.array(theirs(images(theirs)))) < 1e-4


# How files that Keras 1 and 2 wrote, and that are still published, name layers and variables.
NAMES_OF_THEIR_TIME = {
    "vgg16": lambda layer, variable: (layer, f"{layer}_{variable[0].upper()}_1"),
    "resnet50": lambda layer, variable: ("fc1000" if layer == "predictions" else layer, variable),
    "mobilenet_v2": lambda layer, variable: (f"mobl_{layer}", variable),
    "densenet121": lambda layer, variable: (layer.replace("_conv", "/conv").replace("_bn", "/bn"), variable),
}


@pytest.mark.parametrize(("name", "top"), [*((name, True) for name in NAMES_OF_THEIR_TIME), ("vgg16", False)])
def test_published_files_of_keras_2_are_read_by_their_order(name, top, tmp_path):
    theirs = application(name, classes=7, include_top=top)
    with h5py.File(tmp_path / "file.h5", "w") as file:
        layers = [layer for layer in theirs.layers if layer.weights]
        renamed = [NAMES_OF_THEIR_TIME[name](layer.name, "kernel")[0] for layer in layers]
        file.attrs["layer_names"] = [text.encode() for text in renamed]
        for layer, title in zip(layers, renamed, strict=True):
            group = file.create_group(title)
            stored = [f"{title}/{NAMES_OF_THEIR_TIME[name](layer.name, w.name)[1]}:0" for w in layer.weights]
            group.attrs["weight_names"] = [text.encode() for text in stored]
            for text, weight in zip(stored, layer.weights, strict=True):
                group[text] = np.array(weight)
    whole = build(name, theirs.input_shape[1:], classes=7, like="keras")
    ours = whole if top else without_classifier(whole)

    load(ours, tmp_path / "file.h5", "keras")

    assert relative(ours(images(theirs)), np.array(theirs(images(theirs)))) < 1e-4


def test_a_file_fits_a_network_for_images_smaller_than_keras_takes(tmp_path):
    theirs = application("mobilenet_v2", classes=7)
    theirs.save_weights(tmp_path / "file.weights.h5")
    ours = build("mobilenet_v2", (16, 16, 3), classes=7, like="keras", small_stem=True)

    assert load(ours, tmp_path / "file.weights.h5", "keras").entries


def test_a_standardisation_in_the_model_s_own_channels_is_taken_and_any_other_is_named():
    four, three = (build("efficientnet_b0", (64, 64, channels), classes=7, like="keras") for channels in (4, 3))
    own = {name: np.ones(shape, "float32") for name, shape in entries(four, "keras").items()}
    wrong = {name: np.ones(shape, "float32") for name, shape in entries(three, "keras").items()}

    assert len(load(four, own, "keras").entries) == len(own)
    with pytest.raises(InputError, match=r"normalization/variance is \(2,\), not \(3,\)"):
        load(three, wrong | {"normalization/variance": np.ones(2)}, "keras")
    with pytest.raises(InputError, match="not finite numbers: normalization/variance"):
        load(three, wrong | {"normalization/variance": np.array(["a", "b", "c"])}, "keras")


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_the_standardisation_inside_is_adapted_to_other_channels(channels):
    theirs = application("efficientnet_b0", classes=7)
    stored = {variable.path: np.array(variable) for variable in theirs.variables}
    alike = {name: np.full(3, values.mean()) for name, values in stored.items() if values.shape == (3,)}
    colour, other = (build("efficientnet_b0", (64, 97, c), classes=7, like="keras") for c in (3, channels))
    load(colour, stored | alike, "keras")
    load(other, stored | alike, "keras")
    grey = np.random.default_rng(1).uniform(0, 255, (2, 64, 97, 1)).astype("float32")

    answer = other(np.repeat(grey, channels, -1))

    assert relative(answer, np.array(colour(np.repeat(grey, 3, -1)))) < 1e-4


def test_the_published_efficientnet_is_standardised_by_the_deviations_that_it_calls_variances():
    theirs = application("efficientnet_b0", classes=7)
    stored = {variable.path: np.array(variable) for variable in theirs.variables}
    (mean,) = (name for name in stored if name.endswith("/mean"))
    (variance,) = (name for name in stored if name.startswith("normalization") and name.endswith("/variance"))
    stored[mean], stored[variance] = np.array([0.485, 0.456, 0.406]), np.array(DEVIATIONS)
    ours = build("efficientnet_b0", theirs.input_shape[1:], classes=7, like="keras")

    load(ours, stored, "keras")

    pixel = np.full((1, 1, 1, 3), 255.0)
    standardised = ours.get_layer("normalization")(ours.get_layer("rescaling")(pixel))
    np.testing.assert_allclose(np.ravel(standardised), (1 - np.array([0.485, 0.456, 0.406])) / DEVIATIONS, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("resnet50", None),
        ("resnet50", "torchvision"),
        ("mobilenet_v2", "torchvision"),
        ("efficientnet_b0", None),
        ("efficientnet_b0", "torchvision"),
    ],
)
def test_a_model_of_another_form_is_refused(name, like):
    with pytest.raises(InputError, match="was not built in keras's form"):
        load(build(name, (32, 32, 3), like=like), {}, "keras")
