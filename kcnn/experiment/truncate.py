"""Search where to cut a pretrained network: probes at every block first, then fine-tuning of the best cuts.

Peng, Liang, Luo, Li and Sun 2021 (Rethinking Transfer Learning for Medical Image Classification, "TruncatedTL"): reuse
and fine-tune the layers below, discard those above. Here probes of every block say which cuts to fine-tune.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.data import address
from kcnn.errors import DataError, HeldRun, InputError
from kcnn.experiment import check, pretrained
from kcnn.experiment.asked import Asked, prepare
from kcnn.experiment.listener import Listener
from kcnn.experiment.record import markdown, recorded, requested
from kcnn.experiment.run import run
from kcnn.experiment.transfer import FIXED, check_named, decided, draft, proposed
from kcnn.recipes import Recipe, from_json, override, to_json
from kcnn.tracking.journal import Journal
from kcnn.transfer.scenario import PLANS
from kcnn.weights.pretrained import Pretrained
from kcnn.workspace import Workspace, atomic_file

if TYPE_CHECKING:
    import keras

COMMAND = "truncate"

HELD_OUT = 0.2
"""The share of train that cuts are chosen by."""

WHOLE = {1: 2, 2: 2, 3: 4, 4: 4}
"""By the scenario that data call for, the one that fine-tunes all layers of a network on such data."""


@dataclass(frozen=True)
class Cut:
    """The network cut behind `layer`, with its head: what it costs, and what it reaches, in 0..1.

    `probe` is the cross-validated accuracy of a classifier on what it answers; `held_out` and `reported`, once it was
    fine-tuned in the run `run`, are on the part of train that is held out, and on the last split there is.
    """

    layer: str
    parameters: int
    multiply_adds: int
    probe: float
    run: str | None = None
    held_out: float | None = None
    reported: float | None = None


@dataclass(frozen=True)
class Truncated:
    """All cuts, from the stem to the whole network; `best` is the smallest that is no worse than the whole one.

    `plan` has the `scenario` by whose plan they were fine-tuned, and `why`.
    """

    run: str
    cuts: tuple[Cut, ...]
    best: Cut
    split: str
    figure: Path
    plan: Mapping[str, Any]

    @property
    def whole(self) -> Cut:
        """The network that is not cut."""
        return self.cuts[-1]

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints; of a comparison it has `runs` and `best`."""
        return {
            "comparison": self.run,
            "runs": [{"run": cut.run} for cut in self.cuts if cut.run],
            "best": self.best.run,
            **self.plan,
            "cuts": [vars(cut) for cut in self.cuts],
            "split": self.split,
            "figure": str(self.figure),
        }


def truncate(
    weights: str,
    dataset: str,
    *,
    tries: int = 3,
    scenario: int | None = None,
    size: int | None = None,
    model: str | None = None,
    classes: int = 1000,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
    **overrides: Any,
) -> Truncated:
    """Probe every cut in one pass, fine-tune the `tries` best and the whole network alike, and choose.

    Of the cuts that no cheaper one equals in the probe, the best are tried, by the plan of `scenario` with
    `overrides`: unless it is given, 2 where the data look similar to what the network knows, 4 where they look
    different. Everything is a run; the search is their parent. A cut whose training fails by its own fault is reported,
    and the others go on. Raises InputError as `transfer` does, InterruptedRun after `stop` was set: `resume` goes on.
    """
    workspace, listener = workspace or Workspace(), listener or Listener()
    if fixed := sorted(FIXED.union({"transfer.cut", "cut"}) & set(overrides)):
        raise InputError(f"{fixed[0]} cannot be changed: it is what the search is for, or an argument of its own")
    if scenario not in (None, 2, 4):
        raise InputError(f"a search fine-tunes all layers, by scenario 2 or 4, got {scenario}")
    found = pretrained.find(weights, workspace, model, classes)
    changes = {"data.validation": HELD_OUT, **overrides}
    drafted = check.resolve(draft(found, dataset, size, scenario or 2), changes, workspace)
    asked = _prepared(found, drafted, workspace, listener, lambda network: check_named(network, drafted, overrides))
    proposal = proposed(asked)
    chosen = scenario or WHOLE[decided(proposal, asked)]
    base = check.resolve(draft(found, dataset, size, chosen), changes, workspace)
    said = f"Every cut is fine-tuned by the plan of scenario {chosen}{', as asked' if scenario else ''}"
    listener.note(f"{said}: {PLANS[chosen].does}.\n  {proposal.why}.")
    return _searched(asked, base, tries, proposal.why, stop)


def resume(
    name: str,
    *,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> Truncated:
    """Go on with a search that was interrupted: features and finished runs are kept. `latest` is the newest.

    Raises InputError, with the nearest name, where there is no such search, or it is finished; DataError where its data
    have changed.
    """
    workspace, listener = workspace or Workspace(), listener or Listener()
    name, request = requested(COMMAND, name, workspace)
    base = check.resolve(from_json(Recipe, request["recipe"]), {}, workspace)
    found = pretrained.find(request["weights"], workspace, request["model"], request["classes"])
    asked = _prepared(found, base, workspace, listener)
    if asked.source.fingerprint != request["fingerprint"]:
        raise DataError(f"{asked.source.address} has changed since {name} was started: start a new search")
    return _searched(asked, base, request["tries"], request["why"], stop, name)


def _prepared(
    found: Pretrained,
    base: Recipe,
    workspace: Workspace,
    listener: Listener,
    check_network: "Callable[[keras.Model], None]" = lambda network: None,
) -> Asked:
    asked = prepare(found, base.images, workspace, listener, check_network)
    if not asked.source.choosing:
        raise InputError(
            "nothing of train is held out to choose a cut by: data.validation or data.per_class is too low"
        )
    return asked


def _searched(
    asked: Asked,
    base: Recipe,
    tries: int,
    why: str,
    stop: threading.Event | None,
    name: str | None = None,
) -> Truncated:
    """The search, from its beginning or from where the one of that name was interrupted."""
    found, source = asked.found, asked.source
    scenario = base.transfer.scenario if base.transfer else None
    plan = {"scenario": scenario, "why": why}
    request = {"weights": found.address, "model": found.model, "classes": found.classes, "recipe": to_json(base)}
    request |= {"tries": tries, "fingerprint": source.fingerprint, "why": why}
    tags = {"truncation": f"{found.address} on {source.address}", "scenario": str(scenario), "why": why}
    with recorded(COMMAND, asked.workspace, asked.listener, tags, request, name) as journal:
        place = journal.path.parent
        terms = {"workspace": asked.workspace, "listener": asked.listener, "stop": stop, "parent": place.name}
        terms["sources"] = {asked.data: source}
        cuts = _probed(asked, stop)
        for cut in candidates(cuts, tries):
            cuts[cuts.index(cut)] = _tuned(cut, base, asked, terms)
        split = list(source.splits)[-1]
        made = Truncated(place.name, tuple(cuts), best(cuts), split, place / "cuts.png", plan)
        _record(made, asked, journal)
    return made


def candidates(cuts: Sequence[Cut], tries: int) -> list[Cut]:
    """The whole network, and of the cuts that no smaller one equals in the probe the `tries` best."""
    *parts, whole = cuts
    worth = [
        cut for cut in parts if all(cut.probe > other.probe for other in parts if other.parameters < cut.parameters)
    ]
    return [*sorted(worth, key=lambda cut: -cut.probe)[:tries], whole]


def best(cuts: Sequence[Cut]) -> Cut:
    """Of the fine-tuned cuts that are no worse than the whole network on the held-out part, the smallest.

    Raises InputError where the training of every cut has failed.
    """
    tuned = {cut: cut.held_out for cut in cuts if cut.held_out is not None}
    if not tuned:
        raise InputError("no cut could be trained")
    goal = tuned.get(cuts[-1], max(tuned.values()))
    return min((cut for cut, share in tuned.items() if share >= goal), key=lambda cut: cut.parameters)


def _probed(asked: Asked, stop: threading.Event | None) -> list[Cut]:
    from kcnn.experiment.features import accuracies
    from kcnn.models.summary import summarise
    from kcnn.transfer.cut import cut, cuts

    names = cuts(asked.network)
    reached = accuracies(asked, names, stop)
    costs = [summarise(cut(asked.network, name, len(asked.source.classes))) for name in names]
    return [
        Cut(name, cost.trainable_parameters, cost.multiply_adds, reached[name])
        for name, cost in zip(names, costs, strict=True)
    ]


def _tuned(cut: Cut, base: Recipe, asked: Asked, terms: Mapping[str, Any]) -> Cut:
    """The same cut, fine-tuned; as it was, where its training fails by its own fault."""
    changes = {"name": f"{base.name}_{cut.layer}", "transfer.cut": cut.layer}
    try:
        result = run(override(base, changes), **terms)
    except (DataError, HeldRun):
        raise
    except InputError as error:
        asked.listener.warn(f"{cut.layer}: {error}")
        return cut
    held_out = result.metrics[f"{asked.source.choosing}_accuracy"]
    reported = result.metrics[f"{list(asked.source.splits)[-1]}_accuracy"]
    return replace(cut, run=result.run, held_out=held_out, reported=reported)


COLUMNS = {
    "cut behind": "layer",
    "parameters": "parameters",
    "multiply-adds": "multiply_adds",
    "probe": "probe",
    "held out": "held_out",
    "reported": "reported",
    "run": "run",
}
"""Of the table in MLflow's UI."""


def _record(made: Truncated, asked: Asked, journal: Journal) -> None:
    from kcnn.plots.figure import save
    from kcnn.plots.truncation import truncation

    place = journal.path.parent
    with atomic_file(place / "comparison.json") as path:
        path.write_text(json.dumps(made.to_json(), indent=2) + "\n")
    title = f"{asked.found.model} on {address.label(asked.source.address)}"
    rows = [vars(cut) for cut in made.cuts]
    save(truncation(title, rows, made.split), made.figure)
    journal.params({"weights": asked.found.address, "data": asked.source.address, "best_cut": made.best.layer})
    journal.metrics({"parameters_kept": made.best.parameters / made.whole.parameters}, step=0)
    journal.tags({"best": made.best.run or "", "description": markdown(COLUMNS, rows)})
    journal.artifact(place / "comparison.json")
    journal.artifact(made.figure, "figures")
