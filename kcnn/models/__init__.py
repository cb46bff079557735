"""Networks by name. Keras is imported when one is built, not before."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kcnn.errors import InputError, unknown
from kcnn.models.catalog import CATALOG, OPTION_RULES, Variant, is_count, variant

if TYPE_CHECKING:
    import keras

__all__ = ["CATALOG", "Variant", "build", "check", "variant"]


def build(
    name: str, input_shape: Sequence[int] | None = None, classes: int | None = None, **options: Any
) -> "keras.Model":
    """The model called `name`, with fresh weights, named `name`: images (N, h, w, c) to logits (N, classes).

    `input_shape` (h, w, c) and `classes` are the paper's where they are left out. The logits are float32 also
    under mixed precision, and there is no softmax. The layers `stem`, `stage1`... `features`, `pooled` and
    `logits` mark what may be looked at or cut.
    Raises InputError for whatever `check` refuses, before Keras is imported.
    """
    shape, count = check(name, input_shape, classes, options)
    family = import_module(f"kcnn.models.{variant(name).module}")
    return family.BUILDERS[name](shape, count, name, **options)


def check(
    name: str,
    input_shape: Sequence[int] | None = None,
    classes: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[tuple[int, int, int], int]:
    """The input shape and the number of classes that `build` would use; imports no Keras.

    Raises InputError for an unknown name or option, an option's value, a shape that is not three positive
    whole numbers or smaller than the model allows, and fewer than 2 classes.
    """
    row = variant(name)
    for option, value in (options or {}).items():
        if option not in row.options:
            raise unknown(f"option of {name}", option, row.options)
        rule, holds = OPTION_RULES[option]
        if not holds(value):
            raise InputError(f"{option} of {name} must be {rule}, got {value!r}")
    if classes is not None and not is_count(classes, least=2):
        raise InputError(f"classes must be a whole number of at least 2, got {classes!r}")
    return _checked_shape(row, input_shape), classes or row.classes


def _checked_shape(row: Variant, input_shape: Sequence[int] | None) -> tuple[int, int, int]:
    if input_shape is None:
        return row.input_shape
    if not isinstance(input_shape, Sequence) or len(input_shape) != 3 or not all(map(is_count, input_shape)):
        raise InputError(f"input_shape must be (height, width, channels), each at least 1, got {input_shape!r}")
    height, width, channels = input_shape
    if height < row.smallest[0] or width < row.smallest[1]:
        least = "x".join(map(str, row.smallest))
        raise InputError(f"{row.name} needs images of at least {least} (height x width), got {height}x{width}")
    return height, width, channels
