"""Records: frozen, keyword-only, validated, unknown keys refused; their errors name path, rule and value."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, dataclass_transform

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)
from pydantic.dataclasses import dataclass
from pydantic_core import to_jsonable_python

from kcnn.errors import InputError, nearest

Positive = Annotated[int, Field(gt=0, strict=True)]
Count = Annotated[int, Field(ge=0, strict=True)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegativeFloat = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
Probability = Annotated[float, Field(ge=0, le=1)]
Folds = Annotated[int, Field(ge=2, strict=True)]


def _one_of_the_folds(fold: int, info: ValidationInfo) -> int:
    folds = info.data.get("folds")
    if folds and fold >= folds:
        raise ValueError(f"less than data.folds, which is {folds}")
    return fold


Fold = Annotated[int, Field(ge=0, strict=True), AfterValidator(_one_of_the_folds)]
"""The number of one of the `folds`, a field that stands before it."""

Options = Annotated[
    Mapping[str, JsonValue],
    AfterValidator(lambda value: MappingProxyType(dict(value))),
    PlainSerializer(dict),
]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def record(cls: type) -> type:
    """Make `cls` a record: a frozen dataclass whose values are checked when it is made."""
    return dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))(cls)


def to_json(value: Any) -> dict[str, Any]:
    """A record as plain JSON values, complete: defaults included."""
    return TypeAdapter(type(value)).dump_python(value, mode="json")


def defaults(kind: type) -> dict[str, Any]:
    """The fields of a record that need not be given, with their values as JSON."""
    fields = kind.__pydantic_fields__.items()  # type: ignore[attr-defined]
    open_ = {name: field.get_default(call_default_factory=True) for name, field in fields if not field.is_required()}
    return to_jsonable_python(open_)


def flatten(values: Any, prefix: str = "") -> dict[str, Any]:
    """Nested JSON values as {path with dots: leaf}; empty lists and objects are leaves."""
    items = values.items() if isinstance(values, Mapping) else enumerate(values)
    flat: dict[str, Any] = {}
    for key, value in items:
        if isinstance(value, Mapping | list) and value:
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def from_json(kind: type, values: Mapping[str, Any]) -> Any:
    """The record of type `kind` with these values.

    Raises `InputError` naming each wrong path with its rule, the value received and the nearest valid name.
    """
    if not isinstance(values, Mapping):
        raise InputError(f"a {kind.__name__.lower()} must be an object with named values")
    try:
        return TypeAdapter(kind).validate_python(dict(values))
    except ValidationError as error:
        raise InputError("; ".join(explain(kind, fault) for fault in error.errors())) from None


def explain(kind: type, fault: Mapping[str, Any]) -> str:
    """One of pydantic's faults as one line: path, rule, value, nearest name."""
    keys = [str(key) for key in fault["loc"]]
    if fault["type"] in ("unexpected_keyword_argument", "union_tag_invalid"):
        known = _names_at(kind, keys, fault)
        path = ".".join(_without_tags(kind, keys))
        given = keys[-1] if fault["type"] == "unexpected_keyword_argument" else fault["ctx"]["tag"]
        what = f"unknown key {path!r}" if given == keys[-1] else f"unknown {path} {given!r}"
        match = nearest(given, known)
        return f"{what}: " + (f"did you mean {match!r}?" if match else f"there are: {', '.join(known)}")
    path = ".".join(_without_tags(kind, keys))
    if fault["type"] == "missing":
        return f"{path} is required"
    if fault["type"] == "union_tag_not_found":
        return f"{path}.kind is required"
    rule = str(fault["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    rule = rule.replace("String should match pattern", "text that matches").replace("String should have", "text of")
    return f"{path} must be {rule}, got {fault['input']!r}"


def _without_tags(kind: type, keys: list[str]) -> list[str]:
    """The path as the user writes it: pydantic puts the kind of a union into it (optimizer.sgd.lr)."""
    path, members = [], None
    for key in keys:
        if members and key in members:
            kind, members = members[key], None
            continue
        path.append(key)
        if key.isdigit():
            continue
        annotation = field_types(kind).get(key, object)
        members = variants(annotation)
        kind = annotation if isinstance(annotation, type) else object
    return path


def _names_at(kind: type, keys: list[str], fault: Mapping[str, Any]) -> list[str]:
    """The names that would have been right where the fault is."""
    if fault["type"] == "union_tag_invalid":
        return [tag.strip().strip("'") for tag in fault["ctx"]["expected_tags"].split(",")]
    for key in keys[:-1]:
        members = variants(kind)
        kind = members[key] if members and key in members else field_types(kind).get(key, kind)
    return list(field_types(kind))


def field_types(kind: Any) -> dict[str, Any]:
    """The fields of a record, or of the only one in a union with None, with their annotations; else empty."""
    members = [member for member in getattr(kind, "__args__", ()) if member is not type(None)]
    fields = getattr(members[0] if len(members) == 1 else kind, "__pydantic_fields__", {})
    return {name: field.annotation for name, field in fields.items()}


def variants(annotation: Any) -> dict[str, type]:
    """The records of a union (or of a tuple of a union) by their `kind`; empty where it is not one."""
    found: dict[str, type] = {}
    for member in getattr(annotation, "__args__", ()):
        if "kind" in field_types(member):
            found[member.__pydantic_fields__["kind"].default] = member
        elif member is not ...:
            found |= variants(member)
    return found
