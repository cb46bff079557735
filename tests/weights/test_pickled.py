"""PyTorch's files as arrays: those that PyTorch wrote, and those that other versions of it write."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from kcnn.weights.pickled import read_torch
from tests.weights.pickles import Call, Global, Persistent, legacy_file, pickled, storage, tensor, zip_file

FILES = Path(__file__).parent / "files"
FORMATS = ["zip", "legacy"]
FOUR = np.arange(4, dtype="<f4")
NETWORK = ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"]


# What PyTorch wrote


@pytest.mark.parametrize("layout", FORMATS)
def test_every_type_is_read_and_bfloat16_becomes_float32(layout):
    weights = read_torch(FILES / f"plain_{layout}.pth")
    assert {name: array.dtype.name for name, array in weights.items()} == {
        "conv.weight": "float32",
        "bn.running_var": "float64",
        "bn.num_batches_tracked": "int64",
        "half": "float16",
        "bfloat16": "float32",
        "int32": "int32",
        "int16": "int16",
        "int8": "int8",
        "uint8": "uint8",
        "bool": "bool",
        "parameter": "float32",
        "empty": "float32",
        "grad": "float32",
    }


@pytest.mark.parametrize("layout", FORMATS)
def test_the_values_are_those_that_pytorch_saved(layout):
    weights = read_torch(FILES / f"plain_{layout}.pth")
    assert np.array_equal(weights["conv.weight"], np.arange(54, dtype=np.float32).reshape(2, 3, 3, 3) / 8)
    assert weights["bn.running_var"].tolist() == [0.5, 1.5, 1 / 3]
    assert weights["bn.num_batches_tracked"] == 7
    assert weights["bn.num_batches_tracked"].shape == ()
    assert weights["half"].tolist() == [1.5, -2.25, 65504.0]
    assert weights["bfloat16"].tolist() == [[1.0, -2.5], [3.140625, pytest.approx(1e30, rel=4e-3)]]
    assert weights["int32"].tolist() == [-(2**31), 2**31 - 1]
    assert weights["int16"].tolist() == [-300, 300]
    assert weights["int8"].tolist() == [-128, 127]
    assert weights["uint8"].tolist() == [0, 255]
    assert weights["bool"].tolist() == [True, False, True]
    assert weights["parameter"].tolist() == [0.5, 0.25]
    assert weights["grad"].tolist() == [4.0, 5.0]
    assert weights["empty"].shape == (0, 4)


@pytest.mark.parametrize("layout", FORMATS)
def test_views_of_one_storage_become_arrays_of_their_own(layout):
    weights = read_torch(FILES / f"views_{layout}.pth")
    whole = np.arange(24, dtype=np.float32).reshape(4, 6)
    assert np.array_equal(weights["whole"], whole)
    assert np.array_equal(weights["transposed"], whole.T)
    assert np.array_equal(weights["column"], whole[:, 2])
    assert np.array_equal(weights["block"], whole[1:3, 2:5])
    assert weights["expanded"].tolist() == [[1, 1, 1], [2, 2, 2]]
    weights["whole"][:] = 0
    assert weights["column"].tolist() == [2, 8, 14, 20]


@pytest.mark.parametrize("layout", FORMATS)
@pytest.mark.parametrize("name", ["network", "checkpoint", "checkpoint_model"])
def test_a_state_dict_is_read_alone_or_inside_of_a_checkpoint(name, layout):
    weights = read_torch(FILES / f"{name}_{layout}.pth")
    assert list(weights) == NETWORK
    assert np.array_equal(weights["0.weight"], np.arange(18, dtype=np.float32).reshape(2, 1, 3, 3))
    assert weights["0.bias"].tolist() == [0.5, -0.5]


@pytest.mark.parametrize("layout", FORMATS)
def test_the_names_of_a_parallel_network_stay_as_they_are(layout):
    assert list(read_torch(FILES / f"parallel_{layout}.pth")) == ["module." + name for name in NETWORK]


# What PyTorch could have written


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_protocol_4_pickle_in_an_archive_that_was_packed_again_is_read(tmp_path, method):
    document = pickled({"x": tensor((2, 2), (2, 1))}, protocol=4)
    path = zip_file(tmp_path / "x.pth", document, {"0": FOUR.tobytes()}, method=method)
    assert read_torch(path)["x"].tolist() == [[0, 1], [2, 3]]


def test_big_endian_numbers_are_turned_round(tmp_path):
    document = {"x": tensor((4,), (1,)), "b": tensor((1,), (1,), of=storage("BFloat16Storage", "1", 1))}
    path = zip_file(tmp_path / "x.pth", document, {"0": FOUR.astype(">f4").tobytes(), "1": b"\x40\x20"}, b"big")
    weights = read_torch(path)
    assert weights["x"].tolist() == [0, 1, 2, 3]
    assert weights["x"].dtype.isnative
    assert weights["b"].tolist() == [2.5]


def test_legacy_views_of_a_storage_begin_where_they_say(tmp_path):
    view = storage(view=(("1", 1, 3),))
    path = legacy_file(tmp_path / "x.pth", {"x": tensor((2,), (1,), 1, view)}, {"0": (4, FOUR.tobytes())})
    assert read_torch(path)["x"].tolist() == [2, 3]


def test_parameters_of_the_first_pytorch_are_read(tmp_path):
    data = Call(Global("torch._utils", "_rebuild_tensor"), (storage(), 0, (4,), (1,)))
    old = Call(
        Global("torch.nn.parameter", "Parameter"),
        (data,),
        (True, False, Call(Global("collections", "OrderedDict"), ())),
    )
    path = legacy_file(tmp_path / "x.pth", {"x": old}, {"0": (4, FOUR.tobytes())})
    assert read_torch(path)["x"].tolist() == [0, 1, 2, 3]


def test_what_a_checkpoint_keeps_beside_tensors_is_passed_over(tmp_path):
    document = {
        "shape": Call(Global("torch", "Size"), ((1, 2),)),
        "device": Call(Global("torch", "device"), ("cuda", 0)),
        "type": Global("torch", "float16"),
        "state_dict": {
            "x": tensor((4,), (1,), of=Persistent(("storage", Global("torch.cuda", "FloatStorage"), "0", "cuda:0", 4)))
        },
    }
    assert list(read_torch(zip_file(tmp_path / "x.pth", document, {"0": FOUR.tobytes()}))) == ["x"]


def test_only_the_storages_of_the_state_dict_are_read(tmp_path):
    momentum = tensor((4,), (1,), of=storage(key="lost"))
    document = {"state_dict": {"x": tensor((4,), (1,))}, "optimizer": momentum}
    assert list(read_torch(zip_file(tmp_path / "x.pth", document, {"0": FOUR.tobytes()}))) == ["x"]
