"""Start from pretrained weights: find which of the lecture's scenarios the data call for, and train by its plan."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kcnn.data import address
from kcnn.errors import InputError
from kcnn.experiment import check, pretrained, startup
from kcnn.experiment.listener import Listener
from kcnn.experiment.result import Result
from kcnn.experiment.run import run
from kcnn.recipes import Recipe, override
from kcnn.recipes.augment import Affine, Flip
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Cosine, Sgd
from kcnn.recipes.train import Train
from kcnn.recipes.transfer import Transfer
from kcnn.transfer.scenario import PLANS, Proposal
from kcnn.weights.pretrained import Pretrained
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    import keras

    from kcnn.data.source import Source

LOOKED_AT = 256
"""How many training images the distance is measured on."""


@dataclass(frozen=True)
class Transferred:
    """A finished run, the scenario whose plan it followed, and the one that the data call for."""

    result: Result
    scenario: int
    proposal: Proposal

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints: that of a training, with the scenario and the proposal beside it."""
        plan = PLANS[self.scenario].name
        seen = {**vars(self.proposal), "why": self.proposal.why}
        return self.result.to_json() | {"scenario": self.scenario, "plan": plan, "proposal": seen}


def transfer(
    weights: str,
    dataset: str,
    *,
    scenario: int | None = None,
    model: str | None = None,
    classes: int = 1000,
    size: int | None = None,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    minutes: float | None = None,
    stop: threading.Event | None = None,
    **overrides: Any,
) -> Transferred:
    """Train on `dataset` from `weights` (a variant that a package ships, `run:ID`, or a file of `model`).

    The scenario is proposed from the number of training images a class and from how far they are from those that the
    network knows, unless it is given. `size` (pixels a side) is that of the weights unless given; `overrides` change
    the recipe that the scenario's plan makes.
    Raises InputError for weights, names and values that do not fit, before anything is written.
    """
    workspace, listener = workspace or Workspace(), listener or Listener()
    if scenario is not None and scenario not in PLANS:
        raise InputError(f"scenario must be one of {', '.join(map(str, PLANS))}, got {scenario}")
    if fixed := sorted(FIXED & set(overrides)):
        raise InputError(f"{fixed[0]} cannot be changed: it is said by the command's own arguments")
    found = pretrained.find(weights, workspace, model, classes)
    asked = check.resolve(_recipe(found, dataset, size, scenario or 2), overrides, workspace)
    listener.preparing("starting TensorFlow")
    startup.start(workspace)
    source, network = _read(found, asked, overrides, listener)
    proposal = proposed(network, source, listener)
    chosen = scenario or proposal.scenario
    if chosen is None:
        raise InputError(f"{network.name} has no batch normalisation to measure distance by: give --scenario")
    cut = _asked_cut(overrides) or _cut(found, network, chosen, source, workspace, listener, stop)
    recipe = _recipe(found, dataset, size, chosen, cut, _before(network, cut))
    listener.note(_said(chosen, proposal))
    tags = {"scenario": f"{chosen}: {PLANS[chosen].data}", "why": proposal.why}
    del network  # its memory is for the training
    terms: dict[str, Any] = {"workspace": workspace, "listener": listener, "minutes": minutes, "stop": stop}
    result = run(recipe, tags=tags, sources={asked.data: source}, **terms, **overrides)
    return Transferred(result, chosen, proposal)


FIXED = frozenset(
    {"transfer", "transfer.weights", "transfer.sha256", "transfer.classes", "transfer.scenario", "model.name"}
)
"""What a plan is made for: changed behind its back, the record would say one thing and the run do another."""


def _said(scenario: int, proposal: Proposal) -> str:
    """What is done, and why."""
    plan = PLANS[scenario]
    if proposal.scenario in (None, scenario):
        return f"Scenario {scenario}, {plan.data} data: {plan.name}: {plan.does}.\n  {proposal.why}."
    other = f"the data call for {proposal.scenario}, {PLANS[proposal.scenario or 1].name}"
    return f"Scenario {scenario} as asked: {plan.name}: {plan.does}.\n  By themselves {other}: {proposal.why}."


def _asked_cut(overrides: Mapping[str, Any]) -> str | None:
    return overrides.get("transfer.cut", overrides.get("cut"))


def _read(
    found: Pretrained, recipe: Recipe, overrides: Mapping[str, Any], listener: Listener
) -> "tuple[Source, keras.Model]":
    """The data and the network for them, names of layers being refused before the data are read."""
    size, channels = recipe.data.size, found.channels
    network = pretrained.network(found, (size, size, channels)) if size else None
    if network and recipe.transfer and _asked_cut(overrides):
        pretrained.check_layers(network, recipe.transfer)
    source = address.load(recipe.data, listener.reading, pretrained.presented(found))
    return source, network or pretrained.network(found, source.example_shape)


def draft(
    weights: str,
    dataset: str,
    workspace: Workspace,
    *,
    scenario: int,
    size: int | None = None,
    model: str | None = None,
    classes: int = 1000,
) -> Recipe:
    """The recipe of a scenario's plan, before anything is known of the data; the network is kept whole."""
    return _recipe(pretrained.find(weights, workspace, model, classes), dataset, size, scenario)


def _recipe(
    found: Pretrained, dataset: str, size: int | None, scenario: int, cut: str = "pooled", below: str | None = None
) -> Recipe:
    """The recipe of a scenario: the network is cut behind `cut`, and `below` is the tap before it."""
    plan = PLANS[scenario]
    base = Recipe(
        name=f"{found.model}_{address.label(dataset)}",
        data=pretrained.images(found, dataset, size),
        model=Model(name=found.model, options=dict(found.options)),
        augment=(Flip(), Affine(shift=0.1, scale=0.2)),
        optimizer=Sgd(lr=0.01, momentum=0.9, weight_decay=1e-4),
        schedule=Cosine(),
        train=Train(epochs=10, batch_size=32),
        transfer=Transfer(weights=found.address, classes=found.classes, scenario=scenario, cut=cut),
    )
    frozen = {"everything": cut, "below": below, "nothing": None}[plan.keeps]
    return override(base, {**plan.changes, "transfer.frozen": frozen})


def proposed(network: "keras.Model", source: "Source", listener: Listener) -> Proposal:
    """The scenario that the data call for."""
    from kcnn.experiment.features import answers
    from kcnn.transfer.scenario import propose
    from kcnn.transfer.similarity import distance, distances, normalisations, statistics

    per_class = len(source.splits["train"]) / len(source.classes)
    if not normalisations(network):
        return propose(per_class, None)
    listener.preparing("measuring how alike the images are")
    seen = answers(statistics(network), source.splits["train"].some(LOOKED_AT))
    return propose(per_class, distance(distances(network, seen)))


def _cut(
    found: Pretrained,
    network: "keras.Model",
    scenario: int,
    source: "Source",
    workspace: Workspace,
    listener: Listener,
    stop: threading.Event | None,
) -> str:
    """Where the network is cut: before its classifier, or where a probe says that its features suit the data best."""
    from kcnn.experiment.features import features
    from kcnn.transfer import probe
    from kcnn.transfer.cut import last_cut
    from kcnn.transfer.stages import taps

    if scenario != 3:
        return last_cut(network)
    places = [*taps(network), last_cut(network)]
    known = features(found, source, places, workspace, listener, stop)
    listener.preparing("probing every stage")
    labels = source.splits["train"].labels
    tried = {place: probe.fit("logistic", known[place]["train"], labels).accuracy for place in places}
    return max(places, key=lambda place: tried[place])  # of equals the earliest


def _before(network: "keras.Model", cut: str) -> str | None:
    """The tap before the last stage that is kept; None where the cut is at the first."""
    import keras

    from kcnn.transfer.cut import layer_called
    from kcnn.transfer.stages import taps

    before = taps(network)
    kept = {layer.name for layer in keras.Model(network.input, layer_called(network, cut).output).layers} - {cut}
    return next((tap for tap in reversed(before) if tap in kept), None)
