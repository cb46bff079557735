"""Safetensors files: the length of a JSON header in 8 bytes, the header, then the numbers.

Source: https://github.com/huggingface/safetensors (README, "Format").
"""

import json
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from kcnn.errors import InputError
from kcnn.weights.faults import faults, from_bfloat16, printable

_DTYPES = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "?"},
    **{"I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1"},
    **{"U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1"},
}


def read_safetensors(path: str | Path) -> dict[str, np.ndarray]:
    """The tensors by name, in the header's order, bfloat16 as float32; each array is a copy of its own.

    Raises InputError, with the file's name, for a damaged file and for a type that NumPy lacks.
    """
    with faults(path, "safetensors file"):
        content = memoryview(Path(path).read_bytes())
        header = header_length(content[:9], len(content))
        if header is None:
            raise InputError(f"{path} is no safetensors file: it does not start with the length of a header")
        entries = json.loads(bytes(content[8 : 8 + header]), object_pairs_hook=_unique)
        entries.pop("__metadata__", None)
        if not entries:
            raise InputError(f"{path} holds no tensors")
        data = content[8 + header :]
        return {name: _array(name, entry, data, path) for name, entry in entries.items()}


def header_length(start: bytes | memoryview, file_length: int) -> int | None:
    """The header's length, from the first 9 bytes of a file, or None where it is no safetensors file."""
    length = int.from_bytes(start[:8], "little")
    return length if bytes(start[8:9]) == b"{" and 2 <= length <= file_length - 8 else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("the header has a name twice")
    return dict(pairs)


def _array(name: str, entry: Mapping[str, Any], data: memoryview, path: str | Path) -> np.ndarray:
    kind, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
    if kind not in _DTYPES:
        raise InputError(f"{path}: {printable(name)} has the type {printable(str(kind))}, which NumPy lacks")
    dtype = np.dtype(_DTYPES[kind])
    if not all(type(number) is int and number >= 0 for number in (*shape, start, end)):
        raise ValueError(f"the shape or place of {printable(name)} is not made of whole numbers")
    if end > len(data):
        raise ValueError(f"{printable(name)} reaches outside of the file")
    if end - start != prod(shape) * dtype.itemsize:
        raise ValueError(
            f"{printable(name)} has {end - start} bytes, its shape {shape} of {kind} asks for another number"
        )
    array = np.frombuffer(data[start:end], dtype).reshape(shape)
    return from_bfloat16(array) if kind == "BF16" else array.astype(dtype.newbyteorder("="))
