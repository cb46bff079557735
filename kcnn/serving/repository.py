"""The SavedModels of a directory, loaded when they are asked for, as TF Serving's file-system source sees them."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kcnn.errors import InputError, nearest
from kcnn.serving.messages import Predict, Tensor

_GRAPH = "saved_model.pb"


class NotFound(InputError):
    """There is no such model or version."""


@dataclass(frozen=True)
class Loaded:
    """One version of a model, ready to answer."""

    version: int
    signatures: dict[str, dict[str, Tensor]]
    signature_defs: dict[str, Any]
    functions: Mapping[str, Any]

    def predict(self, request: Predict) -> dict[str, np.ndarray]:
        """The outputs by name. Raises `InputError` for values the graph refuses, such as a file that is no image."""
        import tensorflow as tf

        inputs = {
            name: tf.constant(array.tolist() if array.dtype == object else array)
            for name, array in request.inputs.items()
        }
        try:
            outputs = self.functions[request.signature](**inputs)
        except (tf.errors.OpError, ValueError) as error:
            raise InputError(_first_sentence(error)) from None
        return {name: output.numpy() for name, output in outputs.items()}


class Repository:
    """Every `<name>/<version>/` with a SavedModel in `directory`; what appears there is served, no restart needed."""

    def __init__(self, directory: Path):
        self.directory = directory
        self._lock = threading.Lock()
        self._loaded: dict[tuple[str, int], tuple[object, Loaded | str]] = {}

    def names(self) -> list[str]:
        """The models that have a version."""
        return exported(self.directory)

    def get(self, name: str, version: int | None = None) -> Loaded:
        """A version of a model, the latest that can be loaded unless one is named.

        Raises `NotFound`.
        """
        found = versions(self.directory, name)
        chosen = reversed(found) if version is None else [version] if version in found else []
        for number in chosen:
            made = self._load(name, number, found[number])
            if isinstance(made, Loaded):
                return made
        asked = f"Latest({name})" if version is None else f"Specific({name}, {version})"
        match = None if found else nearest(name, self.names())
        hint = f" Did you mean {match!r}?" if match else ""
        raise NotFound(f"Servable not found for request: {asked}{hint}")

    def status(self, name: str) -> dict[int, str | None]:
        """What is wrong with each version of a model, newest first; None where nothing is. Raises `NotFound`."""
        found = versions(self.directory, name)
        if not found:
            raise NotFound(f"Could not find any versions of model {name}")
        made = {number: self._load(name, number, found[number]) for number in reversed(found)}
        return {number: one if isinstance(one, str) else None for number, one in made.items()}

    def _load(self, name: str, version: int, path: Path) -> Loaded | str:
        """The version, or why it cannot be loaded; once, unless a file in its folder is added or replaced."""
        try:
            identity = _identity(path)
        except OSError as error:
            self._loaded.pop((name, version), None)
            return str(error.strerror)
        with self._lock:
            known = self._loaded.get((name, version))
            if known is None or known[0] != identity:
                known = identity, _read(path, version)
                self._loaded[name, version] = known
            return known[1]


def exported(directory: Path) -> list[str]:
    """The names of the models in `directory` that have a version."""
    if not directory.is_dir():
        return []
    return sorted(child.name for child in directory.iterdir() if versions(directory, child.name))


def versions(directory: Path, name: str) -> dict[int, Path]:
    """The folders of a model's versions, oldest first. What is still being written has no number for a name."""
    if name.startswith(".") or "/" in name:
        return {}
    try:
        children = [child for child in (directory / name).iterdir() if child.name.isascii() and child.name.isdigit()]
    except (OSError, ValueError):  # no folder, or not even a name for one
        return {}
    children.sort(key=lambda child: int(child.name))
    return {int(child.name): child for child in children if (child / _GRAPH).is_file()}


def _identity(path: Path) -> object:
    """What changes with any file of a folder."""
    files = {str(file): file.stat() for file in path.rglob("*")}
    return {name: (file.st_ino, file.st_mtime_ns, file.st_size) for name, file in files.items()}


def _read(path: Path, version: int) -> Loaded | str:
    import tensorflow as tf
    from google.protobuf.json_format import MessageToDict
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    try:
        functions = tf.saved_model.load(str(path)).signatures
        graph = SavedModel.FromString((path / _GRAPH).read_bytes()).meta_graphs[0]
    except Exception as error:  # TensorFlow raises whatever a damaged file makes it
        return _first_sentence(error)
    definitions = {name: graph.signature_def[name] for name in functions}
    signatures = {
        name: {
            key: Tensor(
                np.dtype(tf.dtypes.as_dtype(tensor.dtype).as_numpy_dtype),
                tuple(dim.size for dim in tensor.tensor_shape.dim),
            )
            for key, tensor in definition.inputs.items()
        }
        for name, definition in definitions.items()
    }
    plain = {
        name: MessageToDict(definition, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
        for name, definition in definitions.items()
    }
    return Loaded(version, signatures, plain, functions)


def _first_sentence(error: Exception) -> str:
    """TensorFlow's message without the graph nodes it lists after it."""
    message = str(getattr(error, "message", "") or error or type(error).__name__)
    before, node, _ = message.partition("[[")
    lines = [line.strip() for line in before.splitlines() if line.strip()] or [message]
    # What the graph itself refuses stands in brackets, a part each.
    if refused := next((line for line in lines if "assertion failed:" in line), None):
        return " ".join(re.findall(r"\[(.*?)\](?=\s|$)", refused.partition("assertion failed:")[2]))[:300]
    return lines[-1 if node else 0][:300]
