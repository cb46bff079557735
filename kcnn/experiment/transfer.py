"""Start from pretrained weights: find which of the lecture's scenarios the data call for, and train by its plan."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kcnn.data import address
from kcnn.errors import InputError
from kcnn.experiment import check, pretrained
from kcnn.experiment.asked import Asked, layers_of, prepare
from kcnn.experiment.listener import Listener
from kcnn.experiment.result import Result
from kcnn.experiment.run import run
from kcnn.recipes import Recipe, override
from kcnn.recipes.augment import Affine, Flip
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Cosine, Sgd
from kcnn.recipes.recipe import Data
from kcnn.recipes.train import Train
from kcnn.recipes.transfer import Transfer
from kcnn.transfer.scenario import PLANS, Proposal
from kcnn.weights.pretrained import Pretrained
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    import keras

    from kcnn.data.source import Source

PHOTOGRAPHS = (Flip(), Affine(shift=0.1, scale=0.2))
"""What photographs bear: the augmentation where that of the weights' own training is not known."""

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
    from kcnn.transfer.stages import tap_before

    workspace, listener = workspace or Workspace(), listener or Listener()
    if scenario is not None and scenario not in PLANS:
        raise InputError(f"scenario must be one of {', '.join(map(str, PLANS))}, got {scenario}")
    if fixed := sorted(FIXED & set(overrides)):
        raise InputError(f"{fixed[0]} cannot be changed: it is said by the command's own arguments")
    found = pretrained.find(weights, workspace, model, classes)
    drafted = check.resolve(draft(found, dataset, size, scenario or 2), overrides, workspace)
    asked = prepare(
        found, drafted.images, workspace, listener, lambda network: check_named(network, drafted, overrides)
    )
    proposal = proposed(asked)
    chosen = scenario or decided(proposal, asked)
    cut = _named(overrides).get("cut") or _cut(asked, chosen, stop)
    recipe = draft(found, dataset, size, chosen, cut, tap_before(asked.network, cut))
    sources: dict[Data, Source] = {asked.data: asked.source}
    del asked  # the network's memory is for the training
    listener.note(_said(chosen, proposal))
    tags = {"scenario": f"{chosen}: {PLANS[chosen].data}", "why": proposal.why}
    terms: dict[str, Any] = {"workspace": workspace, "listener": listener, "minutes": minutes, "stop": stop}
    result = run(recipe, tags=tags, sources=sources, **terms, **overrides)
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


def _named(overrides: Mapping[str, Any]) -> dict[str, str]:
    """The layers that the overrides name: where to cut, and the last one that never learns."""
    asked = {field: overrides.get(f"transfer.{field}", overrides.get(field)) for field in ("cut", "frozen")}
    return {field: name for field, name in asked.items() if name is not None}


def check_named(network: "keras.Model", drafted: Recipe, overrides: Mapping[str, Any]) -> None:
    """Refuse layers that the overrides name and that are not there, before the data are read."""
    from kcnn.transfer.cut import last_cut

    named = _named(overrides)
    if named and drafted.transfer:
        pretrained.check_layers(network, replace(drafted.transfer, cut=named.get("cut") or last_cut(network)))


def draft(
    found: Pretrained, dataset: str, size: int | None, scenario: int, cut: str = "pooled", below: str | None = None
) -> Recipe:
    """The recipe of a scenario: the network is cut behind `cut`, and `below` is the tap before it."""
    plan = PLANS[scenario]
    base = Recipe(
        name=f"{found.model}_{address.label(dataset)}",
        data=pretrained.images(found, dataset, size),
        model=Model(name=found.model, options=dict(found.options)),
        augment=PHOTOGRAPHS if found.augment is None else found.augment,
        optimizer=Sgd(lr=0.01, momentum=0.9, weight_decay=1e-4),
        schedule=Cosine(),
        train=Train(epochs=10, batch_size=32),
        transfer=Transfer(weights=found.address, classes=found.classes, scenario=scenario, cut=cut),
    )
    frozen = {"everything": cut, "below": below, "nothing": None}[plan.keeps]
    return override(base, {**plan.changes, "transfer.frozen": frozen})


def proposed(asked: Asked) -> Proposal:
    """The scenario that the data call for."""
    from kcnn.experiment.features import answers
    from kcnn.transfer.scenario import propose
    from kcnn.transfer.similarity import distance, distances, normalisations, statistics

    train = asked.source.splits["train"]
    per_class = len(train) / len(asked.source.classes)
    if not normalisations(asked.network):
        return propose(per_class, None)
    asked.listener.preparing("measuring how alike the images are")
    seen = answers(statistics(asked.network), train.some(LOOKED_AT))
    return propose(per_class, distance(distances(asked.network, seen)))


def decided(proposal: Proposal, asked: Asked) -> int:
    """The scenario that is proposed. Raises InputError where the network cannot tell."""
    if proposal.scenario is None:
        raise InputError(f"{asked.network.name} has no batch normalisation to measure distance by: give --scenario")
    return proposal.scenario


def _cut(asked: Asked, scenario: int, stop: threading.Event | None) -> str:
    """Where the network is cut: before its classifier, or where a probe says that its features suit the data best."""
    from kcnn.experiment.features import accuracies
    from kcnn.transfer.cut import last_cut

    if scenario != 3:
        return last_cut(asked.network)
    tried = accuracies(asked, layers_of(asked.network), stop)
    return max(tried, key=lambda place: tried[place])  # of equals the earliest
