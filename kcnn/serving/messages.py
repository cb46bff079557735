"""The bodies of TF Serving's REST API (https://www.tensorflow.org/tfx/serving/api_rest), as NumPy arrays."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kcnn.errors import InputError, unknown

DEFAULT_SIGNATURE = "serving_default"


@dataclass(frozen=True)
class Tensor:
    """What a signature takes: a NumPy dtype (`object` for strings), and a shape with -1 for any size."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Predict:
    """A predict request: which signature, arrays by input name, and whether the answer goes row by row."""

    signature: str
    inputs: dict[str, np.ndarray]
    rows: bool


def encode_images(encoded: list[bytes]) -> bytes:
    """The request that asks the `serving_bytes` signature about encoded image files."""
    instances = [{"b64": base64.b64encode(image).decode()} for image in encoded]
    return json.dumps({"signature_name": "serving_bytes", "instances": instances}).encode()


def encode_wishes(names: list[str], seeds: list[int]) -> bytes:
    """The request that asks a generator for an image of each class, from the code that each seed draws."""
    instances = [{"class_name": name, "seed": seed} for name, seed in zip(names, seeds, strict=True)]
    return json.dumps({"instances": instances}).encode()


def encode_texts(texts: list[str]) -> bytes:
    """The request that asks about texts."""
    # A surrogate is a byte that was no UTF-8: the server is to see it, and refuse it.
    plain = [text.encode(errors="surrogateescape") for text in texts]
    return json.dumps({"instances": [{"b64": base64.b64encode(each).decode()} for each in plain]}).encode()


def encode_sounds(files: list[bytes]) -> bytes:
    """The request that asks about WAV files."""
    return json.dumps({"instances": [{"b64": base64.b64encode(each).decode()} for each in files]}).encode()


def encode_clip(frames: list[bytes]) -> bytes:
    """The request that asks about a clip, a file a frame."""
    return json.dumps({"instances": [[{"b64": base64.b64encode(each).decode()} for each in frames]]}).encode()


def encode_sayings(sayings: list[dict[str, str]], seeds: list[int], seconds: float) -> bytes:
    """The request that asks for a sound of each of `sayings`, the names of what is told about it."""
    instances = [{**each, "seed": seed, "seconds": seconds} for each, seed in zip(sayings, seeds, strict=True)]
    return json.dumps({"instances": instances}).encode()


def encode_question(signature: str) -> bytes:
    """The request that asks a model about itself: `viewing`, what it sees of clips, `reading`, how it reads series."""
    return json.dumps({"signature_name": signature, "instances": [f"what is {signature}?"]}).encode()


def encode_series(series: list[np.ndarray]) -> bytes:
    """The request that asks about series (steps, channels) of one length."""
    return json.dumps({"instances": [each.tolist() for each in series]}).encode()


def parse(body: bytes, signatures: Mapping[str, Mapping[str, Tensor]]) -> Predict:
    """Read a request, in row form (`instances`) or column form (`inputs`), for a model with these signatures.

    Raises `InputError` for whatever does not fit the protocol or the signature.
    """
    document = _document(body)
    name = document.get("signature_name") or DEFAULT_SIGNATURE
    if not isinstance(name, str) or name not in signatures:
        raise unknown("signature_name", str(name), signatures)
    expected = signatures[name]
    if ("instances" in document) == ("inputs" in document):
        raise InputError("the request must have either 'instances' (row form) or 'inputs' (column form)")
    rows = "instances" in document
    columns = _columns(document["instances"], expected) if rows else _named(document["inputs"], expected)
    arrays = {key: _array(key, value, expected[key]) for key, value in columns.items()}
    if len({len(array) for array in arrays.values() if array.ndim}) > 1:
        raise InputError("the inputs must have the same first dimension, the number of examples")
    return Predict(name, arrays, rows)


def answer(outputs: Mapping[str, np.ndarray], rows: bool) -> bytes:
    """The response: `predictions`, one an example, or `outputs`, one an output; a single output goes unnamed.

    Raises `InputError` where rows are asked for and the outputs do not have one for each example.
    """
    if rows and (len({array.shape[:1] for array in outputs.values()}) > 1 or not all(map(np.ndim, outputs.values()))):
        raise InputError("the outputs are not one an example: ask in column form, with 'inputs'")
    values = {name: _plain(name, array) for name, array in outputs.items()}
    single = next(iter(values.values())) if len(values) == 1 else None
    if not rows:
        return json.dumps({"outputs": values if single is None else single}).encode()
    if single is not None:
        return json.dumps({"predictions": single}).encode()
    examples = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    return json.dumps({"predictions": examples}).encode()


def _document(body: bytes) -> dict[str, Any]:
    """The request as it is written; as in TF Serving a number may be NaN, Infinity or -Infinity, which JSON lacks."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the request is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise InputError(f"the request must be a JSON object, got {_kind(document)}")
    return document


def _columns(instances: Any, expected: Mapping[str, Tensor]) -> dict[str, list[Any]]:
    """Row form as column form."""
    if not isinstance(instances, list) or not instances:
        raise InputError("'instances' must be a list of at least one example")
    rows = [_named(instance, expected) for instance in instances]
    return {name: [row[name] for row in rows] for name in expected}


def _named(value: Any, expected: Mapping[str, Tensor]) -> dict[str, Any]:
    """Values by input name; the only input of a signature may go unnamed."""
    named = isinstance(value, dict) and set(value) != {"b64"}
    if not named and len(expected) == 1:
        return dict.fromkeys(expected, value)
    if not named or set(value) != set(expected):
        got = ", ".join(map(repr, value)) if isinstance(value, dict) else _kind(value)
        raise InputError(f"the inputs are {', '.join(map(repr, expected))}, got {got}")
    return value


def _array(name: str, value: Any, expected: Tensor) -> np.ndarray:
    try:
        array = _strings(name, value) if expected.dtype == object else _numbers(name, value, expected.dtype)
    except RecursionError:
        raise InputError(f"{name}: too many nested lists") from None
    fits = array.ndim == len(expected.shape) and all(
        wanted in (-1, size) for wanted, size in zip(expected.shape, array.shape, strict=True)
    )
    if not fits or not array.size:
        raise InputError(f"{name} must have the shape {_shape(expected.shape)}, got {_shape(array.shape)}")
    return array


def _numbers(name: str, value: Any, dtype: np.dtype[Any]) -> np.ndarray:
    try:
        array = np.array(value)
    except (ValueError, OverflowError):
        raise InputError(f"{name}: the lists must have equal lengths") from None
    allowed = {"u": "iu", "i": "iu", "b": "b"}.get(dtype.kind, "iuf")
    if array.dtype.kind not in allowed and array.size:
        raise InputError(f"{name} must hold values of type {dtype}, got {_example(array)}")
    if dtype.kind in "iu" and array.size:
        limits = np.iinfo(dtype)
        if array.min() < limits.min or array.max() > limits.max:
            raise InputError(f"{name} must be in {limits.min}..{limits.max}, got {_outside(array, limits)}")
    with np.errstate(over="ignore"):
        return array.astype(dtype)


def _strings(name: str, value: Any) -> np.ndarray:
    """Strings, and `{"b64": …}` for bytes, in nested lists."""
    if not isinstance(value, list):
        result = np.empty((), object)
        result[()] = _bytes(name, value)
        return result
    parts = [_strings(name, part) for part in value]
    if len({part.shape for part in parts}) > 1:
        raise InputError(f"{name}: the lists must have equal lengths")
    result = np.empty((len(parts), *(parts[0].shape if parts else ())), object)
    for index, part in enumerate(parts):
        result[index] = part if part.ndim else part.item()
    return result


def _bytes(name: str, value: Any) -> bytes:
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError:
            raise InputError(f"{name} must hold Unicode text, got half of a surrogate pair") from None
    if isinstance(value, dict) and set(value) == {"b64"} and isinstance(value["b64"], str):
        try:
            return base64.b64decode(value["b64"], validate=True)
        except (binascii.Error, ValueError):
            raise InputError(f"{name}: the value of 'b64' is not base64") from None
    raise InputError(f'{name} must hold strings or {{"b64": "…"}}, got {_kind(value)}')


def _plain(name: str, array: np.ndarray) -> Any:
    """An output as JSON values; bytes are base64 where the name ends in `_bytes`, else text."""
    if array.dtype.kind not in "OS":
        return array.tolist()
    as_base64 = name.endswith("_bytes")

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(part) for part in value]
        return {"b64": base64.b64encode(value).decode()} if as_base64 else value.decode(errors="replace")

    return plain(array.tolist())


def _outside(array: np.ndarray, limits: Any) -> Any:
    return array.max() if array.max() > limits.max else array.min()


def _example(array: np.ndarray) -> str:
    """What kind of value makes the array one of the wrong type."""
    values = array.ravel().tolist()
    odd = [value for value in values if type(value) not in (int, float)] if array.dtype == object else values
    return _kind(odd[0]) if odd else "a number beyond 64 bits"


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", float: "a fraction"}
    return "null" if value is None else names.get(type(value), "a number")


def _shape(sizes: tuple[int, ...]) -> str:
    return "(" + ", ".join("any" if size == -1 else str(size) for size in sizes) + ")"
