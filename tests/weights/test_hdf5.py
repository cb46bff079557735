"""Keras's files of both layouts: as this Keras writes them, and by hand as older ones did."""

import zipfile

import h5py
import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.weights.hdf5 import keras_keys, read_keras


@pytest.fixture(scope="module")
def model():
    """Layers of every kind that the reader tells apart; `blocks` is a model inside of the model."""
    layers = keras.layers
    inner = keras.Sequential(
        [keras.Input((4, 4, 6)), layers.Conv2D(6, 1, name="one"), layers.BatchNormalization(name="norm")], name="blocks"
    )
    image = keras.Input((4, 4, 3))
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(image)
    x = layers.BatchNormalization(name="stem_bn")(x)
    x = layers.BatchNormalization(scale=False, name="unscaled")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    x = layers.SeparableConv2D(6, 3, name="separable", padding="same")(x)
    x = layers.Dropout(0.5)(inner(x))
    for number in range(11):
        x = layers.Conv2D(6, 1, name=f"conv{10 - number}")(x)
    x = layers.Dense(2, name="logits", dtype="bfloat16")(layers.Flatten()(layers.PReLU(name="slope")(x)))
    model = keras.Model(image, x)
    random = np.random.default_rng(0)
    for variable in model.weights:
        variable.assign(random.uniform(0.5, 1.5, variable.shape))
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def named(model, prefix=""):
    """The model's weights as "layer/variable", from the model itself."""
    found = {}
    for layer in model.layers:
        if hasattr(layer, "layers"):
            found |= named(layer, f"{prefix}{layer.name}/")
        else:
            found |= {f"{prefix}{layer.name}/{v.name}": np.asarray(v.value).astype("float32") for v in layer.weights}
    return found


def same(weights, expected):
    assert set(weights) == set(expected)
    for name, array in expected.items():
        assert np.array_equal(weights[name], array), name
        assert weights[name].dtype == np.float32


def old_file(path, layers, within=None, chunks=1):
    """The layout of `.h5`: `layers` maps each layer's name to its variables by stored name."""
    with h5py.File(path, "w") as file:
        top = file.create_group(within) if within else file
        names = np.array([name.encode() for name in layers])
        for chunk, part in enumerate(np.array_split(names, chunks)):
            top.attrs["layer_names" + (str(chunk) if chunks > 1 else "")] = part
        for layer, variables in layers.items():
            group = top.create_group(layer)
            group.attrs["weight_names"] = [name.encode() for name in variables]
            for name, value in variables.items():
                group[name] = value
    return path


def refusal(path):
    """The error of a file that must be refused: one line with the file's name."""
    with pytest.raises(InputError) as caught:
        read_keras(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert message.isprintable()
    return message


# As this Keras writes them


def test_a_model_saved_as_h5_gives_every_weight_by_name_in_the_model_s_order(model, tmp_path):
    model.save(tmp_path / "model.h5")
    weights = read_keras(tmp_path / "model.h5")
    same(weights, named(model))
    assert list(weights) == list(named(model))


@pytest.mark.parametrize("name", ["model.weights.h5", "model.keras"])
def test_the_new_layout_gives_names_and_the_model_the_rest(name, model, tmp_path):
    (model.save if name.endswith(".keras") else model.save_weights)(tmp_path / name)
    weights = read_keras(tmp_path / name)
    doubtful = {name for name in weights if name not in named(model)}
    keys = keras_keys(model)
    assert doubtful == {"unscaled/0", "unscaled/1", "unscaled/2"}
    same({keys.get(name, name): array for name, array in weights.items()}, named(model))


def test_files_without_layer_names_give_paths_that_the_model_translates(model, tmp_path):
    model.save_weights(tmp_path / "x.weights.h5")
    with h5py.File(tmp_path / "x.weights.h5", "r+") as file:
        file.visititems(lambda name, member: member.attrs.pop("name", None) if name.endswith("vars") else None)
    weights = read_keras(tmp_path / "x.weights.h5")
    assert "layers/conv2d_10/0" in weights
    assert "layers/sequential/layers/conv2d/1" in weights
    same({keras_keys(model)[name]: array for name, array in weights.items()}, named(model))


def test_layers_with_numbered_keys_are_sorted_by_number(model, tmp_path):
    model.save_weights(tmp_path / "x.weights.h5")
    kernels = [name for name in read_keras(tmp_path / "x.weights.h5") if name.startswith("conv") and "kernel" in name]
    assert kernels == [f"conv{10 - number}/kernel" for number in range(11)]


def test_a_stored_path_is_never_taken_for_a_layer_s_name():
    """The first Conv2D bears the name under which the second one is stored."""
    first, second = keras.layers.Conv2D(1, 1, name="conv2d_1"), keras.layers.Conv2D(1, 1, name="conv2d")
    keys = keras_keys(keras.Sequential([keras.Input((2, 2, 1)), first, second]))
    assert keys["layers/conv2d/0"] == "conv2d_1/kernel"
    assert keys["conv2d/0"] == "conv2d/kernel"


# As older ones wrote them


@pytest.mark.parametrize("within", [None, "model_weights"])
@pytest.mark.parametrize("chunks", [1, 3])
def test_layers_come_in_the_order_of_layer_names(within, chunks, tmp_path):
    layers = {name: {f"{name}/kernel:0": np.ones((1, 2), "f4"), f"{name}/bias:0": np.zeros(2, "f4")} for name in "cab"}
    weights = read_keras(old_file(tmp_path / "x.h5", layers | {"pool": {}}, within, chunks))
    assert list(weights) == ["c/kernel", "c/bias", "a/kernel", "a/bias", "b/kernel", "b/bias"]
    assert weights["a/kernel"].shape == (1, 2)


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("conv1_conv/kernel:0", "conv1_conv/kernel"),
        ("conv1_conv_2/kernel:0", "conv1_conv/kernel"),
        ("conv1_conv/conv1_conv/kernel:0", "conv1_conv/kernel"),
        ("resnet50/conv1_conv/kernel:0", "conv1_conv/kernel"),
        ("conv1_conv/kernel", "conv1_conv/kernel"),
        ("kernel:0", "conv1_conv/kernel"),
        ("conv1_conv_W:0", "conv1_conv/conv1_conv_W"),
        ("conv1_conv/cell/kernel:0", "conv1_conv/cell/kernel"),
        ("inner/kernel:0", "conv1_conv/inner/kernel"),
    ],
)
def test_old_names_become_layer_and_variable(stored, name, tmp_path):
    path = old_file(tmp_path / "x.h5", {"conv1_conv": {stored: np.ones(3, "f4")}})
    assert list(read_keras(path)) == [name]


def test_a_layer_s_name_may_hold_a_slash(tmp_path):
    assert list(read_keras(old_file(tmp_path / "x.h5", {"a/b": {"a/b/kernel:0": np.ones(3, "f4")}}))) == ["a/b/kernel"]


def test_names_that_would_fall_together_stay_as_they_are(tmp_path):
    variables = {"block/kernel:0": np.ones(1, "f4"), "block_1/kernel:0": np.zeros(1, "f4")}
    weights = read_keras(old_file(tmp_path / "x.h5", {"block": variables}))
    assert {name: array.tolist() for name, array in weights.items()} == {
        "block/block/kernel:0": [1],
        "block/block_1/kernel:0": [0],
    }


def test_weights_of_the_model_itself_are_read(tmp_path):
    path = old_file(tmp_path / "x.h5", {"a": {"a/kernel": np.ones(1, "f4")}})
    with h5py.File(path, "r+") as file:
        group = file.create_group("top_level_model_weights")
        group.attrs["weight_names"] = [b"scale:0"]
        group["scale:0"] = np.float64(2)
    weights = read_keras(path)
    assert weights["top_level_model_weights/scale"] == 2
    assert weights["top_level_model_weights/scale"].shape == ()


def test_big_endian_and_half_precision_numbers_keep_their_values(tmp_path):
    variables = {"a/big": np.array([1, 2], ">f4"), "a/half": np.array([0.5], "f2"), "a/count": np.int64(7)}
    weights = read_keras(old_file(tmp_path / "x.h5", {"a": variables}))
    assert weights["a/big"].tolist() == [1, 2]
    assert weights["a/big"].dtype.isnative
    assert weights["a/half"].dtype == np.float16
    assert weights["a/count"] == 7


# What is refused


def test_links_into_other_files_are_refused(tmp_path):
    secret = old_file(tmp_path / "secret.h5", {"a": {"a/kernel": np.ones(1, "f4")}})
    for link in (h5py.ExternalLink(str(secret), "/a/a/kernel"), h5py.SoftLink("/b")):
        path = old_file(tmp_path / "x.h5", {"a": {}})
        with h5py.File(path, "r+") as file:
            file["b"] = np.ones(1)
            file["a"].attrs["weight_names"] = [b"kernel"]
            file["a/kernel"] = link
        assert "kernel is a link to elsewhere: refused" in refusal(path)


def test_links_are_refused_in_the_new_layout_too(tmp_path):
    with h5py.File(tmp_path / "x.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = h5py.ExternalLink("other.h5", "/x")
    assert "is a link to elsewhere: refused" in refusal(tmp_path / "x.weights.h5")


def test_numbers_that_lie_in_another_file_are_refused(tmp_path):
    (tmp_path / "secret").write_bytes(bytes(8))
    path = old_file(tmp_path / "x.h5", {"a": {}})
    with h5py.File(path, "r+") as file:
        file["a"].attrs["weight_names"] = [b"kernel"]
        file["a"].create_dataset("kernel", (2,), "f4", external=[(str(tmp_path / "secret"), 0, 8)])
    assert "lies in another file: refused" in refusal(path)


def test_an_array_that_declares_terabytes_is_refused(tmp_path):
    path = old_file(tmp_path / "x.h5", {"a": {}})
    with h5py.File(path, "r+") as file:
        file["a"].attrs["weight_names"] = [b"kernel"]
        file["a"].create_dataset("kernel", (2**40,), "f4", chunks=(2**20,), compression="gzip")
    assert "declares far more numbers than it stores" in refusal(path)


@pytest.mark.parametrize("value", [b"text", np.array([(1, 2.0)], "i4,f4")])
def test_what_is_no_number_is_refused(value, tmp_path):
    assert "does not hold numbers" in refusal(old_file(tmp_path / "x.h5", {"a": {"a/kernel": value}}))


def test_a_weight_that_the_file_lacks_is_named(tmp_path):
    path = old_file(tmp_path / "x.h5", {"a": {"a/kernel:0": np.ones(1)}})
    with h5py.File(path, "r+") as file:
        del file["a/a/kernel:0"]
    assert "it has no a/kernel:0" in refusal(path)


def test_a_group_inside_of_itself_ends(tmp_path):
    with h5py.File(tmp_path / "x.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = np.ones(1)
        file["layers/dense/again"] = file["layers"]
    refusal(tmp_path / "x.weights.h5")


def test_an_hdf5_file_of_another_kind_holds_no_weights(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["numbers"] = np.ones(3)
    assert refusal(tmp_path / "x.h5").endswith("holds no weights of Keras")


def test_a_zip_archive_of_another_kind_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    assert refusal(tmp_path / "x.keras").endswith("it has no model.weights.h5")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(600), b"PK\x03\x04"]
)
def test_other_bytes_are_refused(content, tmp_path):
    (tmp_path / "x.h5").write_bytes(content)
    refusal(tmp_path / "x.h5")


def test_a_file_cut_off_anywhere_is_refused(tmp_path):
    content = old_file(tmp_path / "x.h5", {"a": {"a/kernel": np.ones(100, "f4")}}).read_bytes()
    for length in range(0, len(content), 211):
        (tmp_path / "x.h5").write_bytes(content[:length])
        refusal(tmp_path / "x.h5")


def test_a_missing_file_and_a_folder_are_named_as_such(tmp_path):
    assert refusal(tmp_path / "none.h5").endswith("there is no such file")
    assert refusal(tmp_path).endswith("is a folder, not a weight file")
