"""Weights that were trained elsewhere, put into a kcnn model: all of them or none."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from kcnn.errors import InputError, unknown
from kcnn.layers.refresh import refresh
from kcnn.models.catalog import Variant, variant
from kcnn.weights import efficientnet_lite, keras_applications, torch_layout, torchvision
from kcnn.weights.channels import for_channels
from kcnn.weights.files import read
from kcnn.weights.naming import Rule, Rules, renamed

Source = str | Path | Mapping[str, np.ndarray]
Place = tuple[keras.Layer, keras.Variable]

_SHOWN = 5
"""How many names an error lists."""

_CLASSIFIERS = ("logits", "fc1", "fc2", "conv10_conv")
"""The layers behind the taps, which a model that answers maps alone does not have."""


@dataclass(frozen=True)
class Loaded:
    """The entries of a source that are in the model now, and those that were ignored.

    Ignored are auxiliary heads that the model lacks, and the classifier where it answers maps alone.
    """

    entries: tuple[str, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """How one library names and lays out its weights.

    `has` says which variants it has; `rules` and `in_form` are by the module of kcnn.models. `entry` names a variable
    of a layer that the rules have named, `shape` is that of the origin's array for it, and `arranged` brings the array
    into Keras's layout. `modern` gives today's name of an old one, `named` the names of a file that has none or old
    ones. `optional` entries are not missed by a model without them, and `skipped` ones hold nothing that a model needs.
    """

    library: str
    has: Callable[[Variant], bool]
    rules: Mapping[str, Rules]
    entry: Callable[[str, keras.Variable], str]
    shape: Callable[[Place], tuple[int, ...]]
    arranged: Callable[[np.ndarray, str, Place], np.ndarray]
    modern: Callable[[str], str] = str
    named: Callable[[Mapping[str, np.ndarray], keras.Model], Mapping[str, np.ndarray]] = lambda stored, model: stored
    in_form: Mapping[str, Callable[[keras.Model], bool]] | None = None
    optional: Callable[[str], bool] = lambda name: False
    skipped: Callable[[str], bool] = lambda name: False


def _torch_entry(prefix: str, variable: keras.Variable) -> str:
    return f"{prefix}.{torch_layout.entry(variable)}"


def _torch_shape(place: Place) -> tuple[int, ...]:
    return torch_layout.shape(*place)


def _torch_arranged(values: np.ndarray, name: str, place: Place) -> np.ndarray:
    return torch_layout.arranged(values, place[0])


def _is_counter(name: str) -> bool:
    return name.endswith(torch_layout.COUNTER)


ORIGINS = {
    "torchvision": Origin(
        library="torchvision",
        has=lambda row: "torchvision" in row.libraries,
        rules=torchvision.RULES,
        entry=_torch_entry,
        shape=_torch_shape,
        arranged=_torch_arranged,
        modern=torchvision.modern,
        in_form=torchvision.IN_FORM,
        optional=torchvision.is_auxiliary,
        skipped=_is_counter,
    ),
    "keras": Origin(
        library="keras",
        has=lambda row: "keras" in row.libraries,
        rules=keras_applications.RULES,
        entry=lambda prefix, variable: f"{prefix}/{variable.name}",
        shape=lambda place: tuple(place[1].shape),
        arranged=lambda values, name, place: keras_applications.arranged(values, name),
        modern=keras_applications.modern,
        named=keras_applications.named,
        in_form=keras_applications.IN_FORM,
        skipped=keras_applications.is_seed,
    ),
    "efficientnet_lite": Origin(
        library="efficientnet_lite",
        has=lambda row: row.name.startswith("efficientnet_lite"),
        rules=efficientnet_lite.RULES,
        entry=_torch_entry,
        shape=_torch_shape,
        arranged=_torch_arranged,
        skipped=_is_counter,
    ),
}


def load(model: keras.Model, source: Source, origin: str) -> Loaded:
    """Put the weights of `source` into a model that `kcnn.models.build` made.

    `source` is a file (PyTorch's `.pth`, safetensors, Keras's `.h5`, `.weights.h5` or `.keras`) or a mapping from the
    origin's names to arrays in the origin's layout; `origin` is "torchvision", "keras" (keras.applications) or
    "efficientnet_lite" (its published PyTorch weights). No torch is needed, and no pickled code is executed.

    A model of fewer than three channels gets a first layer that answers to grey as it did in colour; one of more
    ignores the further channels until it is trained. Weights that were trained on ImageNet expect its pixels
    standardised as their library does it; torchvision's published GoogLeNet expects (x - 0.5) / 0.5.

    Raises InputError, which is a ValueError, naming the entries that are missing, left over or of another shape, a
    model that was built in another form than the library's, and a file that cannot be read; the model is unchanged.
    """
    library = _origin(origin)
    places = _places(model, library)
    entries = source if isinstance(source, Mapping) else library.named(read(source), model)
    stored = {library.modern(name): array for name, array in entries.items() if not library.skipped(name)}
    ignored = _ignored(model, library, stored.keys() - places.keys())
    _check_names(places, [name for name in stored if name not in ignored], origin)
    values = {}
    for name, place in places.items():
        array = library.arranged(_numbers(stored[name]), name, place)
        values[name] = for_channels(array, place[0], model)
    _check_values(values, stored, places, library)
    for name, (_, variable) in places.items():
        variable.assign(values[name])
    refresh(model)
    return Loaded(tuple(places), ignored)


def entries(model: keras.Model, origin: str) -> dict[str, tuple[int, ...]]:
    """What `load` needs for a model: the origin's names, and the shapes of its arrays for the model's channels."""
    library = _origin(origin)
    return {name: library.shape(place) for name, place in _places(model, library).items()}


def _origin(name: str) -> Origin:
    if name not in ORIGINS:
        raise unknown("origin of weights", str(name), ORIGINS)
    return ORIGINS[name]


def _rules(model: keras.Model, origin: Origin) -> Sequence[Rule]:
    row = variant(model.name)
    if not origin.has(row):
        raise InputError(f"{origin.library} has no weights for {row.name}")
    return origin.rules[row.module](model, row)


def _places(model: keras.Model, origin: Origin) -> dict[str, Place]:
    """The layer and variable that each of the origin's entries belongs to."""
    rules = _rules(model, origin)
    module = variant(model.name).module
    if not (origin.in_form or {}).get(module, lambda model: True)(model):
        raise InputError(
            f"{model.name} was not built in {origin.library}'s form: its weights need like={origin.library!r}"
        )
    return {
        origin.entry(renamed(layer.name, rules), variable): (layer, variable)
        for layer in model.layers
        for variable in layer.weights
    }


def _ignored(model: keras.Model, origin: Origin, left: Iterable[str]) -> tuple[str, ...]:
    """Of the entries that have no place in the model, those that it may do without."""
    heads: tuple[str, ...] = ()
    if all(layer.name != "logits" for layer in model.layers):
        rules = _rules(model, origin)
        heads = tuple(found for name in _CLASSIFIERS if (found := renamed(name, rules, missing="")))
    return tuple(sorted(name for name in left if origin.optional(name) or re.split(r"[./][^./]*$", name)[0] in heads))


def _numbers(values: np.ndarray) -> np.ndarray:
    """The same as an array that NumPy computes with: it knows no bfloat16."""
    array = np.asarray(values)
    return array.astype("float32") if array.dtype.name == "bfloat16" else array


def _check_names(places: Iterable[str], stored: Iterable[str], origin: str) -> None:
    missing, left = set(places) - set(stored), set(stored) - set(places)
    faults = [f"{what}: {_list(names)}" for what, names in (("missing", missing), ("left over", left)) if names]
    if faults:
        raise InputError(f"these are not the {origin} weights of this model; {'; '.join(faults)}")


def _check_values(
    values: Mapping[str, np.ndarray],
    stored: Mapping[str, np.ndarray],
    places: Mapping[str, Place],
    origin: Origin,
) -> None:
    wrong = [
        f"{name} is {tuple(np.shape(stored[name]))}, not {origin.shape(place)}"
        for name, place in places.items()
        if values[name].shape != tuple(place[1].shape)
    ]
    if wrong:
        raise InputError(f"entries of another shape than the model's: {_list(wrong)}")
    odd = [name for name, array in values.items() if array.dtype.kind not in "fiu" or not np.isfinite(array).all()]
    if odd:
        raise InputError(f"entries that are not finite numbers: {_list(odd)}")


def _list(names: Iterable[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
