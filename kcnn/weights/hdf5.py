"""Keras's weight files: `.h5` of Keras 1 to 3, `.weights.h5` and `.keras` of Keras 3.

The old layout names what it holds: `layer_names` in the file's attributes, `weight_names` in each layer's.
The new one has a group a layer, `layers/<key>/vars/<index>`, where the key is the layer's class in snake case, numbered
in the order of `model.layers`, and the index counts the layer's variables, trainable ones first. Later versions of
Keras 3 write the layer's own name beside its variables; the variables' names are in no version.

Source: keras/src/legacy/saving/legacy_h5_format.py and keras/src/saving/saving_lib.py.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from math import prod
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import h5py
import numpy as np

from kcnn.errors import InputError
from kcnn.weights.faults import faults, from_bfloat16, printable

HDF5 = b"\x89HDF\r\n\x1a\n"
"""How an HDF5 file starts."""
KERAS_WEIGHTS = "model.weights.h5"
"""Where a `.keras` archive keeps its weights."""
_KERNEL = (("kernel",), ("kernel", "bias"))
_VARIABLES = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", "conv2d_transpose", "depthwise_conv2d", "dense"), _KERNEL),
    "separable_conv2d": (
        ("depthwise_kernel", "pointwise_kernel"),
        ("depthwise_kernel", "pointwise_kernel", "bias"),
    ),
    # Three variables are left out: gamma or beta may be the one that lacks.
    "batch_normalization": (
        ("moving_mean", "moving_variance"),
        ("gamma", "beta", "moving_mean", "moving_variance"),
    ),
    "layer_normalization": (("gamma", "beta"),),
    "group_normalization": (("gamma", "beta"),),
    "normalization": (("mean", "variance", "count"),),
    "p_re_lu": (("alpha",),),
}
"""The variables of a class of layers, in the order in which they are stored; their number tells which."""
_NO_WEIGHTS = {"optimizer", "seed_generator"}
_MOST_EXPANSION = 1100
"""How many times more bytes a large dataset may declare than it stores; gzip packs zeros 1030 times denser."""
_LARGE = 2**28


def read_keras(path: str | Path) -> dict[str, np.ndarray]:
    """The weights by name, "layer/variable", bfloat16 as float32; layers within layers have longer names.

    The old layout keeps the model's order. The new one has none: its layers are sorted by their keys.
    In the new layout a variable that its layer's class does not tell for sure keeps its index ("bn/0"), and a file
    without the names of its layers gives its own paths ("layers/conv2d_1/0"): `keras_keys` maps both to names.
    The optimizer's state and seeds are left out. Raises InputError, with the file's name, for whatever else it is.
    """
    with faults(path, "Keras weight file"), Path(path).open("rb") as file:
        start = file.read(len(HDF5))
        file.seek(0)
        if start.startswith(b"PK"):
            return _read(BytesIO(_inner(file, path)), path)
        if start != HDF5:
            raise InputError(f"{path} is no HDF5 file")
        return _read(path, path)


def keras_keys(model: Any) -> dict[str, str]:
    """From the names that `read_keras` may give for a `.weights.h5` of this Functional model to "layer/variable".

    Covers the layers' own variables, and those of models inside the model; each in both forms,
    "layers/conv2d_1/0" (by class and order) and "conv1/0" (by the layer's name).
    """
    return dict(_pairs(model, "", ""))


def _pairs(model: Any, stored: str, named: str) -> Iterator[tuple[str, str]]:
    seen: dict[str, int] = {}
    for layer in model.layers:
        kind = _snake_case(type(layer).__name__)
        seen[kind] = seen.get(kind, -1) + 1
        key = f"{stored}layers/{kind}" + (f"_{seen[kind]}" if seen[kind] else "")
        own: dict[str, Any] = {}
        layer.save_own_variables(own)
        for index, variable in own.items():
            name = f"{named}{layer.name}/{getattr(variable, 'name', index)}"
            yield f"{key}/{index}", name
            yield f"{named}{layer.name}/{index}", name
        if hasattr(layer, "layers"):
            yield from _pairs(layer, key + "/", f"{named}{layer.name}/")


def _snake_case(name: str) -> str:
    """As Keras writes class names: PReLU is p_re_lu."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _inner(file: IO[bytes], path: str | Path) -> bytes:
    length = file.seek(0, 2)
    with ZipFile(file) as archive:
        if KERAS_WEIGHTS not in archive.namelist():
            raise InputError(f"{path} is a zip archive, but no Keras file: it has no {KERAS_WEIGHTS}")
        if archive.getinfo(KERAS_WEIGHTS).file_size > max(_LARGE, _MOST_EXPANSION * length):
            raise ValueError(f"{KERAS_WEIGHTS} claims to be far longer than the file")
        return archive.read(KERAS_WEIGHTS)


def _read(file: str | Path | IO[bytes], path: str | Path) -> dict[str, np.ndarray]:
    with h5py.File(file, "r") as root:
        top = _group(root, "model_weights") if "model_weights" in root else root
        weights = _old(top) if _texts(top, "layer_names") is not None else _new(top)
    if not weights:
        raise InputError(f"{path} holds no weights of Keras")
    return weights


def _old(top: h5py.Group) -> dict[str, np.ndarray]:
    names = _texts(top, "layer_names") or []
    weights: dict[str, np.ndarray] = {}
    for layer in [*names, *({"top_level_model_weights"} & set(top))]:
        group = _group(top, layer)
        stored = _texts(group, "weight_names") or []
        short = [_old_name(layer, name) for name in stored]
        if len(set(short)) < len(short):
            short = [f"{layer}/{name}" for name in stored]
        weights |= {name: _array(group, place) for name, place in zip(short, stored, strict=True)}
    return weights


def _old_name(layer: str, stored: str) -> str:
    """From "layer_2/variable:0" to "layer/variable": Keras 2 numbered the scope when it had been used before."""
    scope = re.escape(layer)
    own = re.sub(rf"^(.*?/)??{scope}(_\d+)?/({scope}/)*", "", re.sub(r":\d+$", "", stored))
    return f"{layer}/{own}"


def _new(top: h5py.Group) -> dict[str, np.ndarray]:
    found = list(_walk(top, (), ()))
    names = [name for _, name, _ in found]
    if None in names or len(set(names)) < len(names):
        names = [path for path, _, _ in found]
    return {str(name): array for name, (_, _, array) in zip(names, found, strict=True)}


def _walk(
    group: h5py.Group, path: tuple[str, ...], names: tuple[str | None, ...]
) -> Iterator[tuple[str, str | None, np.ndarray]]:
    """Each variable below a group: its path without "vars", its name (None where a layer is unnamed), its value."""
    if "vars" in group:
        variables = _group(group, "vars")
        if path:
            names = (*names, _text(variables.attrs.get("name")))
        keys = sorted(variables, key=_natural)
        for key, variable in zip(keys, _variables(path[-1] if path else "", keys), strict=True):
            name = None if None in names else "/".join([*filter(None, names), variable])
            yield "/".join([*path, key]), name, _array(variables, key)
    for key in sorted({*group} - {"vars", *_NO_WEIGHTS}, key=_natural):
        member = _member(group, key)
        if isinstance(member, h5py.Group):
            yield from _walk(member, (*path, key), names)


def _variables(key: str, stored: list[str]) -> list[str]:
    """The names of a layer's variables where its class leaves no doubt, else as they are stored."""
    known = _VARIABLES.get(re.sub(r"_\d+$", "", key), ())
    indices = [str(index) for index in range(len(stored))]
    return next((list(names) for names in known if len(names) == len(stored) and stored == indices), stored)


def _natural(key: str) -> list[Any]:
    """Sorts conv2d_10 after conv2d_2."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", key)]


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else value if isinstance(value, str) else None


def _texts(group: h5py.Group, name: str) -> list[str] | None:
    """An attribute that is a list of texts; long ones are cut into name0, name1, …"""
    values = list(group.attrs[name]) if name in group.attrs else []
    chunk = 0
    while f"{name}{chunk}" in group.attrs:
        values += list(group.attrs[f"{name}{chunk}"])
        chunk += 1
    if not values and name not in group.attrs:
        return None
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def _member(group: h5py.Group, path: str) -> Any:
    """What lies at a path below a group; links are refused, since they can lead into other files."""
    for part in path.split("/"):
        if not isinstance(group, h5py.Group) or part not in group:
            raise ValueError(f"it has no {printable(path)}")
        if group.get(part, getclass=True, getlink=True) is not h5py.HardLink:
            raise ValueError(f"{printable(path)} is a link to elsewhere: refused")
        group = group[part]
    return group


def _group(parent: h5py.Group, path: str) -> h5py.Group:
    group = _member(parent, path)
    if not isinstance(group, h5py.Group):
        raise ValueError(f"{printable(path)} is not a group")
    return group


def _array(group: h5py.Group, path: str) -> np.ndarray:
    dataset = _member(group, path)
    if not isinstance(dataset, h5py.Dataset):
        raise ValueError(f"{printable(path)} is not an array")
    if dataset.external or dataset.is_virtual:
        raise ValueError(f"{printable(path)} lies in another file: refused")
    if prod(dataset.shape) * dataset.dtype.itemsize > max(_LARGE, _MOST_EXPANSION * dataset.id.get_storage_size()):
        raise ValueError(f"{printable(path)} declares far more numbers than it stores")
    array = np.asarray(dataset[()])
    if array.dtype == np.dtype("V2"):  # how h5py stores bfloat16
        return from_bfloat16(array.view("<u2"))
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{printable(path)} does not hold numbers")
    return array.astype(array.dtype.newbyteorder("="), order="C")
