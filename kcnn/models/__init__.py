"""Networks by name. Keras is imported when one is built, not before."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kcnn.errors import InputError
from kcnn.models.catalog import BACKBONE, CATALOG, EXAMPLES, Variant, variant
from kcnn.models.options import check_options, is_count
from kcnn.models.sides import Sides

if TYPE_CHECKING:
    import keras

__all__ = ["CATALOG", "Variant", "build", "build_without_weights", "check", "smallest", "stride", "variant"]


def build(
    name: str,
    input_shape: Sequence[int | None] | None = None,
    classes: int | None = None,
    **options: Any,
) -> "keras.Model":
    """The model called `name`, with fresh weights, named `name`: images (N, h, w, c) to logits (N, classes).

    `input_shape` (h, w, c) and `classes` are the paper's where they are left out, and so is the form of the network
    unless `like="torchvision"` or `like="keras"` asks for that library's. `kcnn models` lists the other options.
    The shape of a series is (steps, channels), that of a text (words,); steps and words may be None, for any number.
    That of a clip is (frames, h, w, c).
    From series (N, steps, channels) come logits (N, classes), or (N, steps, classes) with `answer="every"`, and
    `classes` may be 1; texts are whole numbers (N, words), 0 for the padding at their end.
    The logits are float32 also under mixed precision, and there is no softmax. The layers `stem`, `stage1`...
    `features`, `pooled` and `logits` mark what may be looked at or cut; with `features_only` the model answers
    the maps at `stem`, `stage1`... `features`, by name, and has no classifier. (Only classifiers of images have that.)
    What is no classifier answers otherwise, as its builder says: a segmentation logits (N, h', w', classes).
    Raises InputError for whatever `check` refuses, before Keras is imported.
    """
    shape, count = check(name, input_shape, classes, options)
    features_only = options.pop("features_only", False)
    family = import_module(f"kcnn.models.{variant(name).module}")
    model = family.BUILDERS[name](shape, count, name, **options)
    if not features_only:
        return model
    from kcnn.models.cuts import pyramid

    return pyramid(model)


def build_without_weights(name: str, *arguments: Any, **options: Any) -> "keras.Model":
    """The model that `build` makes, as a graph alone: quick, in no memory, to be counted and not to be called."""
    from kcnn.models.weightless import without_weights

    return without_weights(lambda: build(name, *arguments, **options))


def check(
    name: str,
    input_shape: Sequence[int | None] | None = None,
    classes: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[tuple[int | None, ...], int]:
    """The input shape and the number of classes that `build` would use; imports no Keras.

    Raises InputError for an unknown name or option, an option's value, a shape that is not of positive whole numbers
    for the axes of such data or smaller than the model allows, sides that it cannot take, and fewer than 2 classes,
    of series than 1.
    """
    row, options = variant(name), options or {}
    check_options(row, options)
    if classes is not None and not is_count(classes, row.fewest):
        raise InputError(f"classes must be a whole number of at least {row.fewest}, got {classes!r}")
    shape = _checked_shape(row, input_shape, options)
    if "backbone" in row.own_options:
        _check_backbone(row, shape, options)
    if row.task == "forecasting":
        return shape, _checked_targets(row, shape, classes)
    return shape, int(classes or row.classes)


def smallest(row: Variant, options: Mapping[str, Any] | None = None) -> tuple[int, ...]:
    """The smallest height and width that a variant takes: a small stem leaves out the first two halvings.

    Of one for clips the fewest frames before; of one for series or texts the fewest steps or words.
    """
    options = options or {}
    if sides := _allowed(row, options):
        return sides.smallest, sides.smallest
    _, least = row.sides.get(options.get("like") or "", (None, None))
    lengths = (least, least) if least else row.smallest
    if not options.get("small_stem"):
        return lengths
    *frames, height, width = lengths
    return (*frames, -(-height // 4), -(-width // 4))


def stride(row: Variant, options: Mapping[str, Any] | None = None) -> int:
    """How many pixels a place of a variant's coarsest maps stands for, where its sides must be multiples of that."""
    sides = _allowed(row, options or {})
    return sides.multiple if sides else 1


def _checked_shape(
    row: Variant, input_shape: Sequence[int | None] | None, options: Mapping[str, Any]
) -> tuple[int | None, ...]:
    if row.any_length:
        return _checked_lengths(row, row.input_shape if input_shape is None else input_shape)
    if input_shape is None:
        *frames, height, width, channels = row.input_shape
        side, _ = row.sides.get(options.get("like") or "", (None, None))
        if sides := _allowed(row, options):
            side = sides.nearest(height)
        return (*frames, *((side, side) if side else (height, width)), channels)
    if (
        not isinstance(input_shape, Sequence)
        or len(input_shape) != len(row.axes)
        or not all(map(is_count, input_shape))
    ):
        raise InputError(f"input_shape must be ({', '.join(row.axes)}), each at least 1, got {input_shape!r}")
    shape = tuple(int(length or 0) for length in input_shape)
    _check_size(row, shape[:-1], options)
    return shape


def _check_size(row: Variant, lengths: Sequence[int], options: Mapping[str, Any]) -> None:
    """Refuse an image or a clip that is too small, and sides that the network does not take."""
    least = smallest(row, options)
    if any(length < fewest for length, fewest in zip(lengths, least, strict=True)):
        raise InputError(
            f"{row.name} needs {EXAMPLES[row.data][1]} of at least {_times(least)} ({' x '.join(row.axes[:-1])}), "
            f"got {_times(lengths)}"
        )
    height, width = lengths[-2:]
    sides = _allowed(row, options)
    if sides and not (sides.hold(height) and sides.hold(width)):
        raise InputError(
            f"{row.name} needs sides that are {sides}, got {height}x{width}: the nearest are "
            f"{sides.nearest(height)}x{sides.nearest(width)}"
        )


def _times(lengths: Sequence[int]) -> str:
    return "x".join(map(str, lengths))


def _checked_lengths(row: Variant, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
    """The shape of a series or a text, whose first axis may be left open."""
    first = input_shape[:1] if isinstance(input_shape, Sequence) else ()
    lengths = input_shape[1:] if list(first) == [None] else input_shape
    if not first or len(input_shape) != len(row.axes) or not all(map(is_count, lengths)):
        raise InputError(
            f"input_shape must be ({', '.join(row.axes)}{',' * (len(row.axes) == 1)}), each at least 1, or None for "
            f"any number of {row.axes[0]}, got {input_shape!r}"
        )
    return tuple(None if length is None else int(length) for length in input_shape)


def _checked_targets(row: Variant, shape: Sequence[int | None], targets: int | None) -> int:
    """How many of the series are forecast: all of them, unless it is said."""
    series = int(shape[-1] or 0)
    if targets is not None and targets > series:
        raise InputError(f"{row.name} forecasts some of the series that it reads: {targets} of {series}")
    return int(targets or series)


def _allowed(row: Variant, options: Mapping[str, Any]) -> Sides | None:
    """The sides that a variant takes with its padding; None: all from the smallest on."""
    default = next(iter(row.allowed), "")
    return row.allowed.get(options.get("padding", default))


def _check_backbone(row: Variant, shape: Sequence[int | None], options: Mapping[str, Any]) -> None:
    """Refuse a backbone that does not exist, is no classifier, or cannot have its options or the shape."""
    backbone = variant(options.get("backbone", BACKBONE))
    if not backbone.classifier:
        raise InputError(f"backbone of {row.name} must be the name of a classifier, got {backbone.name!r}")
    check(backbone.name, shape, None, options.get("backbone_options"))
