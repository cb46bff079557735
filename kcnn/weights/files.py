"""Weight files of any known format, told apart by their first bytes."""

from pathlib import Path
from typing import IO
from zipfile import ZipFile

import numpy as np

from kcnn.errors import InputError
from kcnn.weights.faults import faults
from kcnn.weights.hdf5 import HDF5, KERAS_WEIGHTS, read_keras
from kcnn.weights.pickled import ZIP, is_tar, read_torch
from kcnn.weights.safetensors import header_length, read_safetensors

_FORMATS = "PyTorch (.pth, .pt), safetensors, Keras (.h5, .weights.h5, .keras)"


def read(path: str | Path) -> dict[str, np.ndarray]:
    """The tensors of a weight file by name; the content tells the format, not the file's name.

    The names are the file's own: see `read_torch`, `read_safetensors` and `read_keras`.
    Raises InputError, with the file's name, where it is missing, a folder, damaged or of no known format.
    """
    with faults(path, "weight file"):
        with Path(path).open("rb") as file:
            start = file.read(512)
            length = file.seek(0, 2)
            keras = start.startswith(HDF5) or (start.startswith(ZIP) and _is_keras(file))
        if keras:
            return read_keras(path)
        # 0x80 is the opcode with which a pickle states its protocol.
        if start.startswith((ZIP, b"\x80")) or is_tar(start):
            return read_torch(path)
        if header_length(start[:9], length) is not None:
            return read_safetensors(path)
        raise InputError(f"{path} {_what(start)}: weight files are {_FORMATS}")


def _is_keras(file: IO[bytes]) -> bool:
    with ZipFile(file) as archive:
        return KERAS_WEIGHTS in archive.namelist()


def _what(start: bytes) -> str:
    if not start:
        return "is empty"
    if start.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, not the file itself"
    if start.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return "is a web page"
    return "is of no known format"
