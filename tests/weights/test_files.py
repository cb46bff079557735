"""The content of a file tells its format, whatever it is called."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.weights.files import read

FILES = Path(__file__).parent / "files"


def hdf5(path):
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"a"]
        file.create_group("a").attrs["weight_names"] = [b"a/kernel:0"]
        file["a/a/kernel:0"] = np.ones(2, "f4")


def keras_archive(path):
    hdf5(path.parent / "inner.h5")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
        archive.write(path.parent / "inner.h5", "model.weights.h5")


def safetensors(path):
    header = b'{"a/kernel": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}'
    path.write_bytes(len(header).to_bytes(8, "little") + header + np.ones(2, "<f4").tobytes())


@pytest.mark.parametrize("suffix", ["pth", "h5", "keras", "safetensors", "bin", ""])
@pytest.mark.parametrize("write", [hdf5, keras_archive, safetensors])
def test_a_file_is_read_whatever_its_name_ends_in(write, suffix, tmp_path):
    path = tmp_path / f"weights.{suffix}"
    write(path)
    weights = read(path)
    assert {name: array.tolist() for name, array in weights.items()} == {"a/kernel": [1, 1]}


@pytest.mark.parametrize("name", ["network_zip.pth", "network_legacy.pth"])
def test_both_formats_of_pytorch_are_known_by_their_content(name, tmp_path):
    shutil.copy(FILES / name, tmp_path / "weights.h5")
    assert read(tmp_path / "weights.h5")["0.bias"].tolist() == [0.5, -0.5]


def test_a_path_may_be_a_text():
    assert read(str(FILES / "network_zip.pth"))["0.bias"].tolist() == [0.5, -0.5]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"hello", "is of no known format: weight files are PyTorch (.pth, .pt), safetensors, Keras"),
        (bytes(1000), "is of no known format"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a Git LFS pointer, not the file itself"),
        (b"\n<!DOCTYPE html><html>", "is a web page"),
        (b"PK\x03\x04", "is damaged"),
        (b"\x80\x02}.", "is no PyTorch file"),
        (b"\x89HDF\r\n\x1a\n", "is damaged"),
    ],
)
def test_what_is_no_weight_file_is_refused_in_words(content, what, tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path} {what}")
    assert str(caught.value).isprintable()


def test_a_zip_archive_of_another_kind_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "weights.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(InputError, match="has no data.pkl"):
        read(tmp_path / "weights.zip")


def test_a_missing_file_and_a_folder_are_named_as_such(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read(tmp_path / "none.pth")
    with pytest.raises(InputError, match="is a folder, not a weight file"):
        read(tmp_path)


def test_reading_needs_neither_tensorflow_nor_keras_nor_torch():
    path = str(FILES / "network_zip.pth")
    code = f"import sys; from kcnn.weights.files import read; read({path!r}); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"tensorflow", "keras", "torch"} & set(modules)
