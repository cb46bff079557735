"""Hostile, damaged and foreign files are refused in one line, and nothing in them runs."""

import functools
import operator
import os
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcnn.errors import InputError
from kcnn.weights.pickled import read_torch
from tests.weights.pickles import (
    Built,
    Call,
    Global,
    Persistent,
    legacy_file,
    opcodes,
    pickled,
    storage,
    tensor,
    zip_file,
)

FILES = Path(__file__).parent / "files"
FORMATS = ["zip", "legacy"]
FOUR = np.arange(4, dtype="<f4")


def refusal(path):
    """The error of a file that must be refused: one line with the file's name."""
    with pytest.raises(InputError) as caught:
        read_torch(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert message.isprintable()
    return message


def one(path, size, stride, offset=0, **of):
    """A zip file with one tensor over a storage of four floats."""
    return zip_file(path / "one.pth", {"x": tensor(size, stride, offset, storage(**of))}, {"0": FOUR.tobytes()})


# What must never run


class Reduces:
    def __init__(self, *parts):
        self.parts = parts

    def __reduce__(self):
        return self.parts


HOSTILE = {
    f"{os.name}.system": pickle.dumps({"x": Reduces(os.system, ("echo run > ran",))}),
    "builtins.eval": pickle.dumps(Reduces(eval, ("open('ran', 'w')",))),
    "builtins.exec": pickle.dumps(Reduces(exec, ("open('ran', 'w')",)), 4),
    "functools.partial": pickle.dumps(Reduces(functools.partial, (open, "ran", "w")), 2),
    "operator.methodcaller": pickle.dumps(Reduces(operator.methodcaller, ("system", "echo > ran"))),
    "builtins.getattr": pickled(Call(Global("builtins", "getattr"), (Global("torch", "Size"), "__class__"))),
    "torch.load": pickled(Call(Global("torch", "load"), ("other.pth",))),
    "torch.Size.__class__": pickled(Call(Global("torch", "Size.__class__", True), ("x",)), 4),
    "torch._utils._rebuild_tensor_v2.__globals__": pickled(
        Global("torch._utils", "_rebuild_tensor_v2.__globals__", True), 4
    ),
    "collections.OrderedDict.__init__": pickled(Global("collections", "OrderedDict.__init__", True), 4),
    "collections.abc.sys.modules": pickled(Global("collections", "abc.sys.modules", True), 4),
    "torch.serialization.os.system": pickled(Global("torch.serialization", "os.system", True), 4),
    "torch.storage._load_from_bytes": pickled(Call(Global("torch.storage", "_load_from_bytes"), (b"x",))),
    "__main__.Network": b"\x80\x02(i__main__\nNetwork\n.",
    "numpy.core.multiarray.scalar": pickled({"best": Global("numpy.core.multiarray", "scalar")}),
}


@pytest.mark.parametrize("layout", FORMATS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_no_tensor_and_no_container_is_refused_by_name(name, layout, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if layout == "zip":
        path = zip_file(tmp_path / "model.pth", HOSTILE[name])
    else:
        path = legacy_file(tmp_path / "model.pth", {})
        start = path.read_bytes()[: -len(pickled({}) + pickled([]))]
        path.write_bytes(start + HOSTILE[name] + pickled([]))
    name = f"{os.system.__module__}.system" if name.endswith(".system") and "torch" not in name else name
    assert refusal(path).endswith(f"holds {name}, which is not a tensor or a container: refused")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("place", range(5))
def test_each_of_the_five_legacy_pickles_is_read_with_the_same_care(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = [pickled(part) for part in (0x1950A86A20F9469CFC6C, 1001, {}, {"x": tensor((1,), (1,))}, [])]
    parts[place] = HOSTILE["builtins.eval"]
    (tmp_path / "model.pth").write_bytes(b"".join(parts))
    assert "builtins.eval" in refusal(tmp_path / "model.pth")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["_rebuild_tensor_v2", "_rebuild_parameter"])
def test_a_file_cannot_change_how_the_next_one_is_read(name, tmp_path):
    """BUILD sets attributes on whatever lies on the stack: here, on the function that makes tensors."""
    broken = {"__defaults__": ((),), "__kwdefaults__": None, "__code__": 0, "junk": 1}
    hostile = opcodes(Global("torch._utils", name)) + opcodes((None, broken)) + b"b"
    refusal(zip_file(tmp_path / "hostile.pth", b"\x80\x02" + hostile + b"."))
    assert next(iter(read_torch(FILES / "plain_zip.pth"))) == "conv.weight"


@pytest.mark.parametrize("state", [{"type": "O"}, (None, {"type": "O"}), {"key": "1", "start": 2**40, "count": None}])
@pytest.mark.parametrize("place", ["storage", "type", "tensor"])
def test_no_state_can_be_set_on_what_a_tensor_is_made_of(place, state, tmp_path):
    """With the type "O" NumPy would take the storage's bytes for addresses of objects."""
    kind = Global("torch", "FloatStorage")
    kind = Built(kind, state) if place == "type" else kind
    numbers = Persistent(("storage", kind, "0", "cpu", 4))
    numbers = Built(numbers, state) if place == "storage" else numbers
    value = tensor((4,), (1,), of=numbers)
    value = Built(value, {"storage": None} | (state if isinstance(state, dict) else {})) if place == "tensor" else value
    path = zip_file(tmp_path / "x.pth", {"x": value}, {"0": FOUR.tobytes()})

    np.testing.assert_array_equal(read_torch(path)["x"], FOUR)


def test_a_name_with_line_breaks_stays_on_one_line(tmp_path):
    path = zip_file(tmp_path / "x.pth", pickled(Global("a\nb", "c\x1b[31m", True), 4))
    assert refusal(path).endswith("refused")


def test_a_memo_index_of_four_billion_takes_no_memory(tmp_path):
    path = zip_file(tmp_path / "x.pth", b"\x80\x02}r\xff\xff\xff\xff.")
    assert refusal(path).endswith("holds no tensors")


# Tensors that are not there


@pytest.mark.parametrize(
    ("size", "stride", "offset"),
    [
        ((5,), (1,), 0),
        ((4,), (1,), 1),
        ((2, 2), (3, 1), 0),
        ((2,), (4,), 0),
        ((1,), (1,), 4),
        ((), (), 4),
        ((2,), (2**70,), 0),
    ],
)
def test_a_tensor_that_reaches_outside_of_its_storage_is_refused(size, stride, offset, tmp_path):
    assert "reaches outside of its storage" in refusal(one(tmp_path, size, stride, offset))


@pytest.mark.parametrize(
    ("size", "stride", "offset"),
    [
        ((-1,), (1,), 0),
        ((2,), (-1,), 3),
        ((2,), (1,), -1),
        ((2.0,), (1,), 0),
        ((True,), (1,), 0),
        (2, 1, 0),
        (None, (1,), 0),
    ],
)
def test_sizes_that_are_no_whole_numbers_are_refused(size, stride, offset, tmp_path):
    assert "whole numbers" in refusal(one(tmp_path, size, stride, offset))


def test_sizes_and_strides_must_be_as_many(tmp_path):
    assert "2 sizes and 1 strides" in refusal(one(tmp_path, (2, 2), (1,)))


def test_a_tensor_spread_out_of_one_number_to_terabytes_is_refused(tmp_path):
    assert "is spread out of a storage of 4 elements" in refusal(one(tmp_path, (2**20, 2**20), (0, 0)))


@pytest.mark.parametrize("layout", FORMATS)
def test_a_storage_that_is_shorter_than_declared_is_found(layout, tmp_path):
    document = {"x": tensor((4,), (1,))}
    if layout == "zip":
        message = refusal(zip_file(tmp_path / "x.pth", document, {"0": FOUR.tobytes()[:-1]}))
    else:
        message = refusal(legacy_file(tmp_path / "x.pth", document, {"0": (4, FOUR.tobytes()[:-1])}))
    assert "reaches outside of" in message


@pytest.mark.parametrize("count", [-1, 2**62])
def test_a_legacy_storage_that_declares_an_absurd_length_is_refused(count, tmp_path):
    path = legacy_file(tmp_path / "x.pth", {"x": tensor((4,), (1,))}, {"0": (count, FOUR.tobytes())})
    assert "reaches outside of the file" in refusal(path)


def test_a_legacy_view_that_leaves_its_storage_is_refused(tmp_path):
    view = storage(view=(("1", 2, 3),))
    path = legacy_file(tmp_path / "x.pth", {"x": tensor((1,), (1,), 0, view)}, {"0": (4, FOUR.tobytes())})
    assert "a view of 3 elements reaches outside of its storage" in refusal(path)


@pytest.mark.parametrize("layout", FORMATS)
def test_a_storage_that_the_file_lacks_is_missed(layout, tmp_path):
    document = {"x": tensor((4,), (1,))}
    refusal(zip_file(tmp_path / "x.pth", document) if layout == "zip" else legacy_file(tmp_path / "x.pth", document))


@pytest.mark.parametrize(
    "identity",
    [
        None,
        3,
        (),
        ("module", 1, 2, 3, 4),
        ("storage", "FloatStorage", "0", "cpu", 4),
        ("storage", Global("torch", "Size"), "0", "cpu", 4),
    ],
)
def test_a_reference_that_is_no_storage_is_refused(identity, tmp_path):
    refusal(zip_file(tmp_path / "x.pth", {"x": tensor((4,), (1,), of=Persistent(identity))}, {"0": FOUR.tobytes()}))


def test_a_tensor_without_a_storage_is_refused(tmp_path):
    assert "no storage" in refusal(zip_file(tmp_path / "x.pth", {"x": tensor((4,), (1,), of="0")}))


# Files that are something else


def test_a_whole_network_is_refused_with_what_to_save_instead():
    message = refusal(FILES / "module_zip.pth")
    assert "torch.nn.modules.container.Sequential" in message
    assert "save its state_dict() instead" in message


def test_a_torchscript_program_is_refused_with_what_to_save_instead():
    assert "TorchScript" in refusal(FILES / "script_zip.pth")


@pytest.mark.parametrize("layout", FORMATS)
def test_a_list_of_tensors_is_no_state_dict(layout):
    assert refusal(FILES / f"list_{layout}.pth").endswith("holds a list, not a state dict of tensors by name")


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({}, "holds no tensors"),
        ({"state_dict": {}}, "holds no tensors"),
        (3, "holds a number, not a state dict of tensors by name"),
        (None, "holds nothing, not a state dict of tensors by name"),
        (tensor((4,), (1,)), "holds a tensor, not a state dict of tensors by name"),
        ({"epoch": 3}, "'epoch' is a number, not a tensor"),
        ({"layers": {"x": tensor((4,), (1,))}}, "'layers' is a dict, not a tensor"),
        ({1: tensor((4,), (1,))}, "one of its names is a number"),
    ],
)
@pytest.mark.parametrize("layout", FORMATS)
def test_a_file_that_holds_no_state_dict_says_what_it_holds(document, what, layout, tmp_path):
    write = zip_file if layout == "zip" else legacy_file
    assert refusal(write(tmp_path / "x.pth", document)).endswith(what)


def test_a_zip_archive_without_tensors_is_named_as_such(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.pth", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refusal(tmp_path / "x.pth").endswith("is a zip archive, but no PyTorch file: it has no data.pkl")


def test_a_tar_archive_is_named_as_the_format_before_0_1_10(tmp_path):
    (tmp_path / "pickle").write_bytes(b"x")
    with tarfile.open(tmp_path / "x.pth", "w") as archive:
        archive.add(tmp_path / "pickle", "pickle")
    assert "PyTorch before 0.1.10" in refusal(tmp_path / "x.pth")


def test_an_empty_file_is_named_as_such(tmp_path):
    (tmp_path / "x.pth").touch()
    assert refusal(tmp_path / "x.pth").endswith("is empty")


@pytest.mark.parametrize(
    "content", [b"hello", b"\x80", b"\x80\x02}.", bytes(600), pickled(3), b"\xff" * 40, pickled([[]] * 2)]
)
def test_bytes_of_another_kind_are_no_pytorch_file(content, tmp_path):
    (tmp_path / "x.pth").write_bytes(content)
    assert "is no PyTorch file: its first bytes are" in refusal(tmp_path / "x.pth")


def test_another_version_of_the_legacy_format_is_refused(tmp_path):
    assert "version" in refusal(legacy_file(tmp_path / "x.pth", {}, version=1002))


def test_a_missing_file_and_a_folder_are_named_as_such(tmp_path):
    assert refusal(tmp_path / "none.pth").endswith("there is no such file")
    assert refusal(tmp_path).endswith("is a folder, not a weight file")


@pytest.mark.parametrize("name", ["plain_zip.pth", "network_legacy.pth"])
def test_a_file_cut_off_anywhere_is_refused(name, tmp_path):
    content = (FILES / name).read_bytes()
    for length in range(0, len(content) - 1, 37):
        (tmp_path / "x.pth").write_bytes(content[:length])
        refusal(tmp_path / "x.pth")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["plain", "views", "checkpoint"]), st.sampled_from(FORMATS), st.data())
def test_a_file_with_changed_bytes_is_read_or_refused_in_words(tmp_path, name, layout, data):
    content = bytearray((FILES / f"{name}_{layout}.pth").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "x.pth").write_bytes(content)
    try:
        read_torch(tmp_path / "x.pth")
    except InputError as error:
        assert str(error).isprintable()
