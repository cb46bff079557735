"""How an origin names what kcnn's layers hold: rules from layer names to the origin's."""

import re
from collections.abc import Callable, Sequence

import keras

from kcnn.errors import InputError
from kcnn.models.catalog import Variant

Rule = tuple[str, str | Callable[..., str]]
"""A pattern for a layer's whole name, and the origin's name or what makes it of the groups (numbers as int)."""

Rules = Callable[[keras.Model, Variant], Sequence[Rule]]
"""The rules of one family."""


def renamed(name: str, rules: Sequence[Rule], missing: str | None = None) -> str:
    """The origin's name of a layer, or `missing` where no rule fits.

    Raises InputError where no rule fits and `missing` is None: the model has a layer that the origin's lacks.
    """
    for pattern, target in rules:
        if match := re.fullmatch(pattern, name):
            groups = (int(group) if group.isdigit() else group for group in match.groups())
            return target if isinstance(target, str) else target(*groups)
    if missing is None:
        raise InputError(f"these weights have nothing for layer {name!r} of the model")
    return missing


def blocks(model: keras.Model) -> dict[tuple[int, int], int]:
    """The running number, from 0, of each block of a network by its stage and its number in the stage."""
    found = (re.match(r"stage(\d+)_block(\d+)_", layer.name) for layer in model.layers)
    places = dict.fromkeys((int(match[1]), int(match[2])) for match in found if match)
    return {place: index for index, place in enumerate(places)}


def has(model: keras.Model, name: str) -> bool:
    """Whether the model has a layer of that name."""
    return any(layer.name == name for layer in model.layers)


def halves(model: keras.Model, name: str) -> bool:
    """Whether the convolution of that name has stride 2."""
    return tuple(model.get_layer(name).strides) == (2, 2)


def pads_alike(model: keras.Model) -> bool:
    """Whether a network of inverted residuals pads both sides of an image alike where it halves it."""
    return has(model, "stage3_block1_depthwise_pad")
