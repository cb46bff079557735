"""PyTorch's weight files (`.pth`, `.pt`), read without PyTorch and without running what they pickle.

Two formats. Since PyTorch 1.6 a zip archive: `<name>/data.pkl` describes the tensors, `<name>/data/<key>` holds the
bytes of a storage, `<name>/byteorder` their order. Before, the legacy format: five pickles (a magic number, a version,
the machine, the object, the storages' keys), then each storage as an 8-byte count of elements and its bytes.

Source: torch/serialization.py.
"""

import tarfile
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import numpy as np

from kcnn.errors import InputError
from kcnn.weights.faults import faults, printable
from kcnn.weights.pickled_tensors import Storages, Tensor, Typed, Unpickler

ZIP = b"PK\x03\x04"
"""How a zip archive starts."""
_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_VERSION = 1001
_NESTED = ("state_dict", "model")
"""Where a checkpoint keeps its state dict, beside the epoch and the optimizer."""


def read_torch(path: str | Path) -> dict[str, np.ndarray]:
    """The tensors of a state dict by name, in its order, bfloat16 as float32; each array is a copy of its own.

    The file holds a state dict, or a dict with one under "state_dict" or "model".
    Raises InputError, with the file's name, for whatever else it holds and for a damaged file.
    """
    with faults(path, "PyTorch file"), Path(path).open("rb") as file:
        start = file.read(512)
        file.seek(0)
        if not start:
            raise InputError(f"{path} is empty")
        if start.startswith(ZIP):
            return _read_zip(file, str(path))
        if is_tar(start):
            raise InputError(
                f"{path} is a file of PyTorch before 0.1.10 (a tar archive): save it again with a later one"
            )
        return _read_legacy(file.read(), str(path))


def is_tar(start: bytes) -> bool:
    """Whether a file with these first 512 bytes is a tar archive, the format before PyTorch 0.1.10."""
    try:
        tarfile.TarInfo.frombuf(start, "utf-8", "replace")
    except tarfile.HeaderError:
        return False
    return True


def _read_zip(file: IO[bytes], path: str) -> dict[str, np.ndarray]:
    length = file.seek(0, 2)
    with ZipFile(file) as archive:
        names = archive.namelist()
        roots = [name[: -len("/data.pkl")] for name in names if name.count("/") == 1 and name.endswith("/data.pkl")]
        if len(roots) != 1:
            raise InputError(f"{path} is a zip archive, but no PyTorch file: it has no data.pkl")
        (root,) = roots
        if any(name.startswith(f"{root}/code/") for name in names):
            raise InputError(f"{path} is a TorchScript program, not a state dict: save its state_dict() instead")

        def load(name: str) -> bytes:
            # A stored entry is never longer than its file; a compressed one that claims to be is not believed.
            if archive.getinfo(f"{root}/{name}").file_size > length:
                raise ValueError(f"{name} claims to be longer than the file")
            return archive.read(f"{root}/{name}")

        order = load("byteorder") if f"{root}/byteorder" in names else b"little"
        if order not in (b"little", b"big"):
            raise ValueError(f"the byte order is {printable(order)}")
        document = Unpickler(BytesIO(load("data.pkl")), path).load()
        storages = Storages(lambda key: load(f"data/{key}"), order == b"little")
        return _arrays(document, storages, path)


def _read_legacy(content: bytes, path: str) -> dict[str, np.ndarray]:
    stream = BytesIO(content)
    try:
        magic = Unpickler(stream, path).load()
    except InputError:
        raise
    except Exception:
        magic = None
    if magic != _MAGIC_NUMBER or type(magic) is not int:
        raise InputError(f"{path} is no PyTorch file: its first bytes are {printable(content[:8])}")
    version = Unpickler(stream, path).load()
    if version != _VERSION:
        raise ValueError(f"the version of its format is not {_VERSION}")
    Unpickler(stream, path).load()  # the machine that wrote it; the numbers are little-endian on all of them
    reader = Unpickler(stream, path)
    document = reader.load()
    keys = Unpickler(stream, path).load()
    found = _legacy_storages(memoryview(content), stream.tell(), keys, reader.types)
    return _arrays(document, Storages(found.__getitem__), path)


def _legacy_storages(content: memoryview, at: int, keys: Any, types: dict[str, str]) -> dict[str, memoryview]:
    """The bytes of each storage, which follow one another in the order of the keys."""
    found: dict[str, memoryview] = {}
    for key in keys:
        count = int.from_bytes(content[at : at + 8], "little", signed=True)
        length = count * Typed(key, types[key]).itemsize
        at += 8
        if not 0 <= length <= len(content) - at:
            raise ValueError(f"storage {printable(key)} of {count} elements reaches outside of the file")
        found[key] = content[at : at + length]
        at += length
    return found


def _arrays(document: Any, storages: Storages, path: str) -> dict[str, np.ndarray]:
    """The tensors of the state dict that the document is or holds."""
    inner = [document[key] for key in _NESTED if isinstance(document, dict) and isinstance(document.get(key), dict)]
    state = inner[0] if inner else document
    if not isinstance(state, dict):
        raise InputError(f"{path} holds {_kind(state)}, not a state dict of tensors by name")
    for name, value in state.items():
        if not isinstance(name, str):
            raise InputError(f"{path} holds no state dict: one of its names is {_kind(name)}")
        if not isinstance(value, Tensor):
            raise InputError(f"{path} holds no state dict: {printable(name)!r} is {_kind(value)}, not a tensor")
    if not state:
        raise InputError(f"{path} holds no tensors")
    return {name: storages.array(tensor) for name, tensor in state.items()}


def _kind(value: Any) -> str:
    kinds = {Tensor: "a tensor", Typed: "a storage", list: "a list", tuple: "a tuple", str: "a text", bytes: "bytes"}
    if isinstance(value, dict):
        return "a dict"
    return "nothing" if value is None else kinds.get(type(value), "a number")
