"""What of a cut network learns, from when on and how fast: its stages, from the stem to the head."""

from collections.abc import Mapping, Sequence

import keras

from kcnn.models.cuts import is_stage
from kcnn.recipes.transfer import Transfer
from kcnn.transfer.cut import layer_called

HEAD = "logits"


def taps(model: keras.Model) -> list[str]:
    """The taps `stem`, `stage1` and so on, in their order."""
    return [layer.name for layer in model.layers if layer.name == "stem" or is_stage(layer.name)]


def tap_before(model: keras.Model, cut: str) -> str | None:
    """The tap before the last stage that is kept by a cut behind that layer; None where there is none."""
    kept = {layer.name for layer in keras.Model(model.input, layer_called(model, cut).output).layers} - {cut}
    return next((tap for tap in reversed(taps(model)) if tap in kept), None)


def stages(model: keras.Model) -> dict[str, list[str]]:
    """The names of the layers of each part that has weights, by the tap that ends it; the last is the head."""
    parts: dict[str, list[str]] = {}
    since: list[str] = []
    weights = 0
    for layer in model.layers:
        since.append(layer.name)
        weights += len(layer.weights)
        if weights and (layer.name in ("stem", "features", "pooled", HEAD) or is_stage(layer.name)):
            parts[layer.name] = since
            since, weights = [], 0
    return parts


def frozen(model: keras.Model, plan: Transfer) -> frozenset[str]:
    """The layers that never learn. Raises InputError, with the nearest name, where `plan.frozen` is no layer."""
    if plan.frozen is None:
        return frozenset()
    before = keras.Model(model.input, layer_called(model, plan.frozen).output)
    return frozenset(layer.name for layer in before.layers)


def hasten(model: keras.Model, plan: Transfer) -> None:
    """Let the moving statistics of batch normalisations follow the new data at least as fast as the plan says."""
    for layer in model.layers:
        if plan.norm_momentum is not None and isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = min(layer.momentum, plan.norm_momentum)


def learns(model: keras.Model, plan: Transfer) -> bool:
    """Whether anything is left to train once the head is fitted."""
    rest = {layer.name for layer in model.layers if layer.weights} - frozen(model, plan) - {HEAD}
    return plan.head == "random" or bool(rest)


def thawing(model: keras.Model, plan: Transfer) -> list[tuple[int, frozenset[str]]]:
    """From which epoch on (counted from 0) which layers are frozen, until the next entry says otherwise."""
    never = frozen(model, plan)
    weighted = {layer.name for layer in model.layers if layer.weights}
    parts = {name: set(layers) for name, layers in stages(model).items() if weighted.intersection(layers) - never}
    order = [name for name in reversed(parts) if name != HEAD]
    below = [never.union(*(parts[name] for name in order[count:])) for count in range(len(order) + 1)]
    entries = [(0, below[0])] if plan.head_epochs else []
    if not plan.thaw_epochs or not order:
        return [*entries, (plan.head_epochs, never)]
    return [*entries, *((plan.head_epochs + n * plan.thaw_epochs, below[n + 1]) for n in range(len(order)))]


def rates(model: keras.Model, plan: Transfer) -> Mapping[str, float]:
    """By layer, the factor of its learning rate: 1 for the head, `rate_decay` times less for each stage below."""
    if plan.rate_decay == 1:
        return {}
    depths: Sequence[list[str]] = list(reversed(stages(model).values()))
    return {name: plan.rate_decay**depth for depth, names in enumerate(depths) for name in names}
