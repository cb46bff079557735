"""Safetensors files, written by hand as the format's description says."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from kcnn.errors import InputError
from kcnn.weights.safetensors import read_safetensors

TYPES = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "BOOL": "?"},
    **{"I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1"},
    **{"U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1"},
}


def write(path, header, data=b"", length=None):
    """`header` is an object for JSON, or bytes as they are."""
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(header) if length is None else length).to_bytes(8, "little") + header + data)
    return path


def entry(dtype="F32", shape=(2,), start=0, end=8):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


def refusal(path):
    """The error of a file that must be refused: one line with the file's name."""
    with pytest.raises(InputError) as caught:
        read_safetensors(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert message.isprintable()
    return message


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_of_numpy_is_read(kind, tmp_path):
    values = np.array([[0, 1], [1, 0], [1, 1]], TYPES[kind])
    path = write(tmp_path / "x.safetensors", {"x": entry(kind, (3, 2), 0, values.nbytes)}, values.tobytes())
    array = read_safetensors(path)["x"]
    assert array.dtype == values.dtype
    assert np.array_equal(array, values)


def test_bfloat16_becomes_float32(tmp_path):
    path = write(tmp_path / "x.safetensors", {"x": entry("BF16", (2, 1), 0, 4)}, b"\x20\xc0\x80\x3f")
    array = read_safetensors(path)["x"]
    assert array.dtype == np.float32
    assert array.tolist() == [[-2.5], [1.0]]


def test_names_come_in_the_order_of_the_header_and_metadata_is_left_out(tmp_path):
    header = {"__metadata__": {"format": "pt"}, "b": entry(start=8, end=16), "a": entry(), "s": entry("U8", (), 0, 1)}
    weights = read_safetensors(write(tmp_path / "x.safetensors", header, np.arange(4, dtype="<f4").tobytes()))
    assert list(weights) == ["b", "a", "s"]
    assert weights["b"].tolist() == [2, 3]
    assert weights["s"].shape == ()


def test_the_arrays_can_be_written_to(tmp_path):
    array = read_safetensors(write(tmp_path / "x.safetensors", {"x": entry()}, bytes(8)))["x"]
    array[:] = 1
    assert array.tolist() == [1, 1]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.text().filter(lambda name: name != "__metadata__"), arrays("<f4", array_shapes(min_side=0)), min_size=1
    )
)
def test_every_array_is_read_as_it_was_written(tmp_path, arrays):
    header, data = {}, b""
    for name, array in arrays.items():
        header[name] = entry("F32", array.shape, len(data), len(data) + array.nbytes)
        data += array.tobytes()
    weights = read_safetensors(write(tmp_path / "x.safetensors", header, data))
    assert list(weights) == list(arrays)
    assert all(weights[name].tobytes() == array.tobytes() for name, array in arrays.items())
    assert all(weights[name].shape == array.shape for name, array in arrays.items())


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"end": 9}, "reaches outside of the file"),
        ({"start": 8, "end": 16}, "reaches outside of the file"),
        ({"end": 4}, "has 4 bytes"),
        ({"start": 8, "end": 0}, "has -8 bytes"),
        ({"start": -8, "end": 0}, "whole numbers"),
        ({"shape": (-2,)}, "whole numbers"),
        ({"shape": (2.0,)}, "whole numbers"),
        ({"shape": (True, 2)}, "whole numbers"),
        ({"shape": (2**40, 2**40)}, "has 8 bytes"),
        ({"shape": ("2",)}, "whole numbers"),
        ({"dtype": "F8_E4M3"}, "x has the type F8_E4M3, which NumPy lacks"),
    ],
)
def test_an_entry_that_does_not_fit_the_file_is_refused(change, what, tmp_path):
    assert what in refusal(write(tmp_path / "x.safetensors", {"x": entry(**change)}, bytes(8)))


@pytest.mark.parametrize(
    "header",
    [
        *(
            {"x": 3},
            {"x": {}},
            {"x": {**entry(), "data_offsets": [0]}},
            {"x": {**entry(), "shape": None}},
            {"x": {**entry(), "dtype": []}},
        ),
        *(b"{]", b'{"x": \xff}', b"{" * 50_000, b"{}", b'{"__metadata__": {}}'),
        b"{" + b", ".join([b'"x": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}'] * 2) + b"}",
    ],
)
def test_a_header_of_another_form_is_refused(header, tmp_path):
    refusal(write(tmp_path / "x.safetensors", header, bytes(8)))


@pytest.mark.parametrize("length", [0, 1, 1000, 2**63, 2**64 - 1])
def test_a_header_that_is_longer_than_the_file_is_refused(length, tmp_path):
    assert "does not start with the length of a header" in refusal(
        write(tmp_path / "x", {"x": entry()}, bytes(8), length)
    )


def test_a_file_cut_off_anywhere_is_refused(tmp_path):
    content = write(tmp_path / "x", {"x": entry()}, bytes(8)).read_bytes()
    for length in range(len(content)):
        (tmp_path / "x").write_bytes(content[:length])
        refusal(tmp_path / "x")


def test_a_missing_file_and_a_folder_are_named_as_such(tmp_path):
    assert refusal(tmp_path / "none").endswith("there is no such file")
    assert refusal(tmp_path).endswith("is a folder, not a weight file")
