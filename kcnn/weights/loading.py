"""Weights that were trained elsewhere, put into a kcnn model: all of them or none."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from kcnn.errors import InputError, unknown
from kcnn.models.catalog import variant
from kcnn.weights import efficientnet_lite, keras_applications, torch_layout, torchvision
from kcnn.weights.files import read
from kcnn.weights.naming import Rules, renamed

Source = str | Path | Mapping[str, np.ndarray]

_SHOWN = 5
"""How many names an error lists."""


@dataclass(frozen=True)
class Loaded:
    """The entries of a source that are in the model now, and those that were ignored: auxiliary heads it lacks."""

    entries: tuple[str, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """How one library names and lays out its weights.

    `rules` and `in_form` are by the module of kcnn.models. `entry` names a variable of a layer that the rules have
    named, `shape` is that of the origin's array for it, and `arranged` brings the array into Keras's layout. `modern`
    gives today's name of an old one. `optional` entries are not missed by a model without them, and `skipped` ones
    hold nothing that a model needs.
    """

    library: str
    rules: Mapping[str, Rules]
    entry: Callable[[str, keras.Variable], str]
    shape: Callable[[keras.Layer, keras.Variable], tuple[int, ...]]
    arranged: Callable[[np.ndarray, keras.Layer, keras.Variable, str], np.ndarray]
    modern: Callable[[str], str] = str
    in_form: Mapping[str, Callable[[keras.Model], bool]] | None = None
    optional: Callable[[str], bool] = lambda name: False
    skipped: Callable[[str], bool] = lambda name: False


def _torch_entry(prefix: str, variable: keras.Variable) -> str:
    return f"{prefix}.{torch_layout.entry(variable)}"


def _torch_arranged(values: np.ndarray, layer: keras.Layer, variable: keras.Variable, name: str) -> np.ndarray:
    return torch_layout.arranged(values, layer)


def _is_counter(name: str) -> bool:
    return name.endswith(torch_layout.COUNTER)


ORIGINS = {
    "torchvision": Origin(
        "torchvision",
        torchvision.RULES,
        _torch_entry,
        torch_layout.shape,
        _torch_arranged,
        torchvision.modern,
        torchvision.IN_FORM,
        optional=torchvision.is_auxiliary,
        skipped=_is_counter,
    ),
    "keras": Origin(
        "keras",
        keras_applications.RULES,
        lambda prefix, variable: f"{prefix}/{variable.name}",
        lambda layer, variable: tuple(variable.shape),
        lambda values, layer, variable, name: keras_applications.arranged(values, name),
        keras_applications.modern,
        keras_applications.IN_FORM,
        skipped=keras_applications.is_seed,
    ),
    "efficientnet_lite": Origin(
        "efficientnet_lite",
        efficientnet_lite.RULES,
        _torch_entry,
        torch_layout.shape,
        _torch_arranged,
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
    stored = _stored(model, source, library)
    ignored = tuple(name for name in stored if library.optional(name) and name not in places)
    _check_names(places, [name for name in stored if name not in ignored], origin)
    values = {}
    for name, (layer, variable) in places.items():
        array = library.arranged(np.asarray(stored[name]), layer, variable, name)
        values[name] = _for_channels(array, model) if layer is _first(model) else array
    _check_values(values, stored, places)
    for name, (_, variable) in places.items():
        variable.assign(values[name])
    for layer in model.layers:
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()
    return Loaded(tuple(places), ignored)


def entries(model: keras.Model, origin: str) -> dict[str, tuple[int, ...]]:
    """What `load` needs for a model: the origin's names, and the shapes of its arrays for the model's channels."""
    library = _origin(origin)
    return {name: library.shape(*place) for name, place in _places(model, library).items()}


def _origin(name: str) -> Origin:
    if name not in ORIGINS:
        raise unknown("origin of weights", str(name), ORIGINS)
    return ORIGINS[name]


def _places(model: keras.Model, origin: Origin) -> dict[str, tuple[keras.Layer, keras.Variable]]:
    """The layer and variable that each of the origin's entries belongs to."""
    row = variant(model.name)
    if row.module not in origin.rules or (origin.library in ("torchvision", "keras")) > (
        origin.library in row.libraries
    ):
        raise InputError(f"{origin.library} has no weights for {row.name}")
    if not (origin.in_form or {}).get(row.module, lambda model: True)(model):
        raise InputError(
            f"{row.name} was not built in {origin.library}'s form: its weights need like={origin.library!r}"
        )
    rules = origin.rules[row.module](model, row)
    return {
        origin.entry(renamed(layer.name, rules), variable): (layer, variable)
        for layer in model.layers
        for variable in layer.weights
    }


def _stored(model: keras.Model, source: Source, origin: Origin) -> dict[str, np.ndarray]:
    """The source's entries by today's names, without those that hold nothing."""
    entries = source if isinstance(source, Mapping) else read(source)
    if origin.library == "keras":
        entries = keras_applications.named(entries, model)
    return {origin.modern(name): array for name, array in entries.items() if not origin.skipped(name)}


def _check_names(places: Iterable[str], stored: Iterable[str], origin: str) -> None:
    missing, left = set(places) - set(stored), set(stored) - set(places)
    faults = [f"{what}: {_list(names)}" for what, names in (("missing", missing), ("left over", left)) if names]
    if faults:
        raise InputError(f"these are not the {origin} weights of this model; {'; '.join(faults)}")


def _check_values(
    values: Mapping[str, np.ndarray],
    stored: Mapping[str, np.ndarray],
    places: Mapping[str, tuple[keras.Layer, keras.Variable]],
) -> None:
    wrong = {
        name: f"{name} {tuple(np.shape(stored[name]))} for {layer.name} {tuple(variable.shape)}"
        for name, (layer, variable) in places.items()
        if values[name].shape != tuple(variable.shape)
    }
    if wrong:
        raise InputError(f"entries of another shape than the model's: {_list(wrong.values())}")
    odd = [name for name, array in values.items() if array.dtype.kind not in "fiu" or not np.isfinite(array).all()]
    if odd:
        raise InputError(f"entries that are not finite numbers: {_list(odd)}")


def _list(names: Iterable[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _first(model: keras.Model) -> keras.Layer:
    return next(layer for layer in model.layers if hasattr(layer, "kernel"))


def _for_channels(kernel: np.ndarray, model: keras.Model) -> np.ndarray:
    """A first kernel (h, w, 3, filters) for images of other channels.

    One channel, or two, share the sum of the three colours' weights: a grey image answers as it did in colour. Further
    channels get 0: the image answers as it did before, until training finds a use for them.
    """
    channels = model.input_shape[-1]
    if channels == 3 or kernel.ndim != 4 or kernel.shape[2] != 3:
        return kernel
    if channels < 3:
        return np.repeat(kernel.sum(axis=2, keepdims=True) / channels, channels, axis=2)
    return np.pad(kernel, ((0, 0), (0, 0), (0, channels - 3), (0, 0)))
