"""What each option of a builder may be: plain data, no Keras."""

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral
from typing import Any

from kcnn.errors import InputError, unknown
from kcnn.models.catalog import Variant


def is_count(value: object, least: int = 1) -> bool:
    """Whether the value is a whole number, and not below `least`."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_counts(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(map(is_count, value))


def _are_windows(value: Any) -> bool:
    return _are_counts(value) and 0 < len(set(value)) == len(value)


def _are_labels(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) and is_count(value[name], 2) for name in value)


def _one_of(*names: str) -> tuple[str, Callable[[Any], bool]]:
    *first, last = map(repr, names)
    return f"{', '.join(first)} or {last}", lambda value: isinstance(value, str) and value in names


def _count_from(least: int) -> tuple[str, Callable[[Any], bool]]:
    return f"a whole number of at least {least}", lambda value: is_count(value, least)


_SWITCH: tuple[str, Callable[[Any], bool]] = ("true or false", lambda value: isinstance(value, bool))

# The rule in words, and the rule. `like` depends on the variant, and stands in `check_options`.
OPTION_RULES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "activation": _one_of("relu", "tanh"),
    "answer": _one_of("last", "every"),
    "aux_heads": _SWITCH,
    "backbone": ("the name of a classifier", lambda value: isinstance(value, str)),
    "backbone_options": ("a mapping of the backbone's options", lambda value: isinstance(value, Mapping)),
    "base": _count_from(1),
    "bins": _count_from(8),
    "conditions": ("a mapping of names to how many labels there are, each at least 2", _are_labels),
    "conditional": _SWITCH,
    "context": _one_of("basic", "large"),
    "depth": _count_from(1),
    "dimensions": _count_from(1),
    "dropout": ("a number from 0 up to, but not, 1", lambda value: _is_number(value) and 0 <= value < 1),
    "embedding": _one_of("random", "static", "non-static", "multichannel"),
    "features_only": _SWITCH,
    "filters": _count_from(1),
    "fixed_last": _SWITCH,
    "forget_bias": ("a number", lambda value: _is_number(value) and math.isfinite(value)),
    "head": _count_from(1),
    "hidden": ("a list of sizes, each at least 1", _are_counts),
    "hop": _count_from(1),
    "kernel": _count_from(2),
    "latent": _count_from(1),
    "levels": ("a whole number from 1 to 24", lambda value: is_count(value) and value <= 24),
    "local": _count_from(0),
    "max_norm": ("a number above 0, or none", lambda value: value is None or (_is_number(value) and value > 0)),
    "norm": _one_of("batch", "layer", "instance", "group"),
    "padding": _one_of("valid", "same"),
    "rate": _count_from(1),
    "shortcut": _one_of("A", "B"),
    "skip": _count_from(1),
    "small_stem": _SWITCH,
    "stacks": _count_from(1),
    "units": _count_from(1),
    "upsampling": _one_of("transposed", "resize"),
    "vocabulary": _count_from(2),
    "width": ("a number from 0.1 to 4", lambda value: _is_number(value) and 0.1 <= value <= 4),
    "windows": ("a list of different sizes, each at least 1", _are_windows),
}


def check_options(row: Variant, options: Mapping[str, Any]) -> None:
    """Raises InputError for an option that the variant does not have, or a value that the option cannot take."""
    for option, value in options.items():
        if option not in row.options:
            raise unknown(f"option of {row.name}", option, row.options)
        rule, holds = _one_of_libraries(row) if option == "like" else OPTION_RULES[option]
        if not holds(value):
            raise InputError(f"{option} of {row.name} must be {rule}, got {value!r}")


def _one_of_libraries(row: Variant) -> tuple[str, Callable[[Any], bool]]:
    """`like` may be one of the libraries that have the variant; None is the paper's form."""
    return " or ".join(map(repr, row.libraries)), lambda value: value is None or value in row.libraries
