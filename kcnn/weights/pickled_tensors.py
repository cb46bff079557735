"""PyTorch's pickled objects without PyTorch, and without running what a pickle asks to run.

A pickle is a program: it names functions and calls them. The reader here knows the few names that a dict of tensors
needs, each bound to a function of its own that only makes a record, and refuses every other name.

Source of the names: torch/_utils.py, torch/serialization.py and torch/storage.py (PyTorch 0.1.10 to 2.x).
"""

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import IO, Any, ClassVar

import numpy as np

from kcnn.errors import InputError
from kcnn.weights.faults import from_bfloat16, printable

_BFLOAT16 = "bfloat16"
_STORAGES = {
    "DoubleStorage": "f8",
    "FloatStorage": "f4",
    "HalfStorage": "f2",
    "BFloat16Storage": _BFLOAT16,
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}
_DTYPES = {
    *("float64", "double", "float32", "float", "float16", "half", "bfloat16", "bool", "uint8"),
    *("int64", "long", "int32", "int", "int16", "short", "int8"),
}
_ALLOWED_GROWTH = 2**28
"""Bytes that an expanded tensor (one with strides of 0) may take, where that is more than its storage has."""


@dataclass(frozen=True)
class Typed:
    """The numbers of a storage: which storage, of what type, and the part that a view of it takes (in elements)."""

    key: str
    type: str
    start: int = 0
    count: int | None = None

    @property
    def itemsize(self) -> int:
        """Bytes an element."""
        return 2 if self.type == _BFLOAT16 else np.dtype(self.type).itemsize


@dataclass(frozen=True)
class Tensor:
    """A tensor as the pickle describes it; offset, size and stride count elements and are not yet checked."""

    storage: Any
    offset: Any
    size: Any
    stride: Any


class Unpickler(pickle._Unpickler):
    """Reads one pickle, and makes of it nothing but dicts, lists, tuples, plain values and `Tensor`s.

    Python's own class in Python, not the one in C, which takes a memo index from the file as the size of an array:
    nine bytes can claim 64 GB. The pickles are small: the numbers lie outside of them.
    Raises InputError for a name outside of the vocabulary; bytes that are no pickle raise whatever they raise.
    """

    def __init__(self, file: IO[bytes], path: str):
        super().__init__(file, encoding="utf-8")
        self._path = path
        self._vocabulary = _vocabulary()
        self.types: dict[str, str] = {}
        """The type in which each storage was first met: the legacy format counts its elements so."""

    stack: list[Any]

    def load_build(self) -> None:
        """Let an object's state go. It would be written into whatever lies on the stack, frozen or not."""
        self.stack.pop()

    dispatch: ClassVar[dict[int, Any]] = pickle._Unpickler.dispatch | {pickle.BUILD[0]: load_build}

    def find_class(self, module: str, name: str) -> Any:
        """The function that stands for a name; a whole look-up, so that no dotted name leads anywhere else."""
        if (module, name) not in self._vocabulary:
            hint = " (a whole network: save its state_dict() instead)" if module.startswith("torch.nn.") else ""
            full = printable(f"{module}.{name}")
            raise InputError(f"{self._path} holds {full}, which is not a tensor or a container: refused{hint}")
        return self._vocabulary[module, name]

    def persistent_load(self, pid: Any) -> Typed:
        """A storage, which the pickle names and the file holds elsewhere."""
        kind, storage, key, _, _, *view = pid
        if kind not in ("storage", b"storage") or not isinstance(storage, _StorageType):
            raise ValueError("the pickle refers to something that is not a storage")
        key = key.decode() if isinstance(key, bytes) else key
        if not isinstance(key, str):
            raise ValueError("the name of a storage is not a text")
        self.types.setdefault(key, storage.type)
        if not view or view[0] is None:
            return Typed(key, storage.type)
        _, start, count = view[0]
        return Typed(key, storage.type, *_naturals((start, count)))


@dataclass
class Storages:
    """The bytes of a file's storages: `load` fetches one, and each is fetched once, when a tensor needs it."""

    load: Callable[[str], bytes | memoryview]
    little_endian: bool = True
    _known: dict[str, bytes | memoryview] = field(default_factory=dict)

    def array(self, tensor: Tensor) -> np.ndarray:
        """The tensor as an array of its own. Raises ValueError where it reaches outside of its storage."""
        storage = tensor.storage
        if not isinstance(storage, Typed) or storage.type not in _STORAGES.values():
            raise ValueError("a tensor has no storage")
        if storage.key not in self._known:
            self._known[storage.key] = self.load(storage.key)
        data = memoryview(self._known[storage.key])
        (offset,), size, stride = _naturals((tensor.offset,)), _naturals(tensor.size), _naturals(tensor.stride)
        available = len(data) // storage.itemsize - storage.start
        if storage.count is not None:
            if storage.count > available:
                raise ValueError(f"a view of {storage.count} elements reaches outside of its storage")
            available = storage.count
        _check_reach(available, storage.itemsize, offset, size, stride)
        dtype = np.dtype("u2" if storage.type == _BFLOAT16 else storage.type)
        dtype = dtype.newbyteorder("<" if self.little_endian else ">")
        if 0 in size:
            array = np.empty(size, dtype)
        else:
            strides = tuple(step * dtype.itemsize for step in stride)
            array = np.ndarray(size, dtype, data, (storage.start + offset) * dtype.itemsize, strides)
        if storage.type == _BFLOAT16:
            return from_bfloat16(array)
        return np.array(array, dtype.newbyteorder("="), order="C")


@dataclass(frozen=True)
class _StorageType:
    type: str


def _vocabulary() -> Mapping[tuple[str, str], Any]:
    """What each allowed name makes; new functions for each pickle, so that none can leave a mark on the next."""

    def tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> Tensor:
        return Tensor(storage, offset, size, stride)

    def parameter(data: Any, *_: Any) -> Tensor:
        if not isinstance(data, Tensor):
            raise ValueError("a parameter is made of something that is not a tensor")
        return data

    def mapping(*items: Any) -> dict[Any, Any]:
        return dict(*items)

    def size(sizes: Any = ()) -> tuple[Any, ...]:
        return tuple(sizes)

    def device(*parts: Any) -> str:
        return ":".join(map(str, parts))

    names: dict[tuple[str, str], Any] = {
        ("torch._utils", "_rebuild_tensor"): tensor,
        ("torch._utils", "_rebuild_tensor_v2"): tensor,
        ("torch._utils", "_rebuild_parameter"): parameter,
        ("torch._utils", "_rebuild_parameter_with_state"): parameter,
        ("torch.nn.parameter", "Parameter"): parameter,
        ("collections", "OrderedDict"): mapping,
        ("torch", "Size"): size,
        ("torch", "device"): device,
    }
    for module in ("torch", "torch.cuda"):
        names |= {(module, name): _StorageType(kind) for name, kind in _STORAGES.items()}
    return names | {("torch", name): name for name in _DTYPES}


def _naturals(numbers: Any) -> tuple[int, ...]:
    """The same numbers, once it is sure that they are whole and not negative."""
    if not isinstance(numbers, tuple | list) or not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("a tensor's offset, sizes and strides must be whole numbers that are not negative")
    return tuple(numbers)


def _check_reach(available: int, itemsize: int, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
    if len(size) != len(stride):
        raise ValueError(f"a tensor has {len(size)} sizes and {len(stride)} strides")
    last = offset + sum((extent - 1) * step for extent, step in zip(size, stride, strict=True))
    if 0 not in size and last >= available:
        raise ValueError(f"a tensor of shape {size} reaches outside of its storage of {available} elements")
    if 0 not in size and prod(size) > max(available, _ALLOWED_GROWTH // itemsize):
        raise ValueError(f"a tensor of shape {size} is spread out of a storage of {available} elements")
