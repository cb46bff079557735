"""`key=value` on top of a recipe: `epochs=3 optimizer.lr=0.01 schedule=cosine augment=none data.size=32`."""

import copy
import json
from collections.abc import Iterable, Mapping
from typing import Any

from kcnn.errors import InputError, nearest
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.spec import defaults, field_types, from_json, to_json, variants


def parse(assignments: Iterable[str]) -> dict[str, Any]:
    """`["epochs=3", "optimizer.lr=0.01"]` as {path: value}; values are JSON where they parse, else text."""
    parsed: dict[str, Any] = {}
    for text in assignments:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise InputError(f"{text!r} is not of the form key=value, for example epochs=3")
        parsed[key.strip()] = _value(value.strip())
    return parsed


def override(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """`recipe` with `changes` made: {path: value}, the path with dots, or a mapping for a whole part.

    A path may be shortened to its last name where only one part has it (`epochs` for `train.epochs`). A part
    with kinds is switched by `optimizer=adam` or `optimizer.kind=adam`; what the two kinds share is kept.
    Raises `InputError` with the path, the rule, the value and the nearest name.
    """
    values = to_json(recipe)
    flat = dict(_flatten(copy.deepcopy(dict(changes))))
    # Kinds first: `optimizer.lr=1 optimizer=adam` must not depend on the order.
    for path, value in sorted(flat.items(), key=lambda item: not _names_kind(item)):
        _assign(values, _full_path(path, values), value)
    return from_json(Recipe, values)


def _value(text: str) -> Any:
    words = {"none": None, "true": True, "false": False}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _flatten(changes: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in changes.items():
        if isinstance(value, Mapping) and key != "options" and not key.endswith(".options"):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _names_kind(item: tuple[str, Any]) -> bool:
    path, _ = item
    return path.endswith(".kind") or path in ("data", "optimizer", "schedule")


def _full_path(path: str, values: Mapping[str, Any]) -> list[str]:
    """The path with the part's name in front, where the user left it out."""
    keys = path.split(".")
    if keys[0] in values:
        return keys
    parts = [name for name, part in values.items() if isinstance(part, dict) and keys[0] in part]
    if len(parts) == 1:
        return [parts[0], *keys]
    if len(parts) > 1:
        choices = " or ".join(f"{part}.{path}" for part in parts)
        raise InputError(f"{path!r} is in several parts: write {choices}")
    known = [*values, *(key for part in values.values() if isinstance(part, dict) for key in part)]
    match = nearest(keys[0], known)
    hint = f"did you mean {match!r}?" if match else f"there are: {', '.join(values)}"
    raise InputError(f"unknown key {path!r}: {hint}")


def _assign(values: Any, keys: list[str], value: Any) -> None:
    *parents, last = keys
    root = keys[0]
    for depth, key in enumerate(parents):
        try:
            values = values[int(key)] if isinstance(values, list) else values[key]
        except (KeyError, IndexError, ValueError):
            _refuse(keys[: depth + 1], values)
        if not isinstance(values, dict | list):
            raise InputError(f"{'.'.join(keys)!r}: {'.'.join(keys[: depth + 1])} has no parts")
    kinds = variants(field_types(Recipe).get(root))
    if len(keys) == 1 and kinds and isinstance(value, str) and root != "augment":
        values, last = values[root], "kind"
    if isinstance(values, list):
        if not last.isdigit() or int(last) >= len(values):
            _refuse(keys, values)
        values[int(last)] = value
    elif last == "kind" and value in kinds:
        shared = field_types(kinds[value])
        # None left something open, which the new kind does in its own way.
        kept = {key: old for key, old in values.items() if key in shared and old is not None}
        values.clear()
        values.update(defaults(kinds[value]) | kept, kind=value)
    elif root == "augment" and len(keys) == 1 and value is None:
        values[last] = []
    else:
        values[last] = value


def _refuse(keys: list[str], values: Any) -> None:
    path = ".".join(keys)
    known = [str(index) for index in range(len(values))] if isinstance(values, list) else list(values)
    match = nearest(keys[-1], known)
    hint = f"did you mean {match!r}?" if match else f"there are: {', '.join(known) or 'none'}"
    raise InputError(f"unknown key {path!r}: {hint}")
