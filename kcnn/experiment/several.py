"""Train recipes several times under one parent run, on other folds or from other seeds: mean and spread."""

import json
import statistics
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from kcnn.errors import DataError, HeldRun, InputError
from kcnn.experiment import check, tasks
from kcnn.experiment.compare import check_comparable
from kcnn.experiment.listener import Listener
from kcnn.experiment.record import markdown, recorded, requested
from kcnn.experiment.result import Result
from kcnn.experiment.run import run
from kcnn.recipes import Recipe, from_json, to_json
from kcnn.tracking.journal import Journal
from kcnn.workspace import Workspace, atomic_file


@dataclass(frozen=True)
class Trials:
    """A recipe's results, one a trial, in order; trials that could not be trained have none."""

    recipe: str
    results: tuple[Result, ...]

    @property
    def split(self) -> str:
        """What is reported: `test`, or what the user has instead."""
        return next(split for split in ("test", "val", "train") if f"{split}_examples" in self.results[0].facts)

    def values(self, measure: str) -> list[float]:
        """What was measured on that split of each run: its fold, where there are folds."""
        return [result.metrics[f"{self.split}_{measure}"] for result in self.results]

    @property
    def measures(self) -> list[str]:
        """What was measured in every trial."""
        prefix = f"{self.split}_"
        names = [name for name in self.results[0].metrics if name.startswith(prefix)]
        return [name.removeprefix(prefix) for name in names if all(name in one.metrics for one in self.results)]


@dataclass(frozen=True)
class Repeated:
    """Every recipe's trials, in the order in which they were asked for; `failed` says why a trial has no result.

    `command` is what was asked for: `crossvalidate` or `repeat`.
    """

    name: str
    command: str
    recipes: tuple[Trials, ...]
    failed: dict[str, str]

    @property
    def measures(self) -> list[str]:
        """What was measured of every recipe."""
        return [name for name in self.recipes[0].measures if all(name in one.measures for one in self.recipes)]

    def rows(self) -> list[dict[str, Any]]:
        """What the table says, a mapping a recipe: mean and deviation of every measure, the time of all trials."""
        return [
            {
                "recipe": trials.recipe,
                "trials": len(trials.results),
                **{measure: statistics.mean(trials.values(measure)) for measure in self.measures},
                **{f"{measure}_spread": statistics.stdev(trials.values(measure)) for measure in self.measures},
                "parameters": trials.results[0].facts["parameters"],
                "seconds": sum(result.seconds for result in trials.results),
            }
            for trials in self.recipes
        ]

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        runs = {
            trials.recipe: [{"run": result.run, "metrics": result.metrics} for result in trials.results]
            for trials in self.recipes
        }
        return {self.command: self.name, "rows": self.rows(), "trials": runs, "failed": self.failed}

    @property
    def headlines(self) -> list[str]:
        """What people look at first: all but the loss, where there is anything else, and parts of other measures."""
        rest = [name for name in self.measures if name != "loss" and "/" not in name]
        return [name for name in rest if not (name == "accuracy" and "pixel_error" in rest)] or self.measures


def resume(
    command: str,
    name: str,
    *,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> Repeated:
    """Go on with what was interrupted: its finished runs are kept. `latest` is the newest.

    Raises InputError, with the nearest name, where there is none of that name, or it is finished.
    """
    workspace, listener = workspace or Workspace(), listener or Listener()
    name, request = requested(command, name, workspace)
    trials = {
        recipe: [check.resolve(from_json(Recipe, values), {}, workspace) for values in of_recipe]
        for recipe, of_recipe in request["trials"].items()
    }
    return repeated(command, trials, workspace, listener, stop, name)


def drafts(recipes: Sequence[Recipe | str], overrides: Mapping[str, Any]) -> list[Recipe]:
    """The recipes with the overrides made. Raises InputError where they cannot be compared."""
    made = [check.drafted(recipe, overrides) for recipe in recipes]
    check_comparable(made)
    return made


def repeated(
    command: str,
    trials: Mapping[str, Sequence[Recipe]],
    workspace: Workspace,
    listener: Listener,
    stop: threading.Event | None,
    name: str | None = None,
) -> Repeated:
    """Train every trial of each recipe, all checked; under `name`, where something of it is done already.

    A trial whose training fails by its own fault (a loss that diverges) is reported and the others go on.
    Raises InputError where not two of a recipe could be trained, and InterruptedRun after `stop` was set.
    """
    tags = {command: ", ".join(trials)}
    request = {"trials": {recipe: [to_json(one) for one in of_recipe] for recipe, of_recipe in trials.items()}}
    with recorded(command, workspace, listener, tags, request, name) as journal:
        parent = journal.path.parent.name
        found: dict[str, list[Result]] = {recipe: [] for recipe in trials}
        failed: dict[str, str] = {}
        terms: dict[str, Any] = {"workspace": workspace, "listener": listener, "parent": parent, "stop": stop}
        # A trial of all recipes before the next one: what is interrupted can be compared as far as it has come.
        for together in zip_longest(*trials.values()):
            for recipe, one in zip(trials, together, strict=True):
                if one is None:
                    continue
                try:
                    found[recipe].append(run(one, **terms))
                except (DataError, HeldRun):
                    raise
                except InputError as error:
                    listener.warn(f"{one.name}: {error}")
                    failed[one.name] = str(error)
        if few := [name for name, results in found.items() if len(results) < 2]:
            raise InputError(f"fewer than two trials of {', '.join(few)} could be done: {'; '.join(failed.values())}")
        by_recipe = tuple(Trials(name, tuple(results)) for name, results in found.items())
        made = Repeated(parent, command, by_recipe, failed)
        _record(made, tasks.of(next(iter(trials.values()))[0]), journal, workspace)
    return made


def _record(made: Repeated, task: str, journal: Journal, workspace: Workspace) -> None:
    """The table and the figure, on the parent run."""
    from kcnn.plots.figure import save
    from kcnn.plots.trials import trials

    place = workspace.run(made.name)
    with atomic_file(place / f"{made.command}.json") as temporary:
        temporary.write_text(json.dumps(made.to_json(), indent=2) + "\n")
    journal.artifact(place / f"{made.command}.json")
    measures = made.headlines
    values = {name: {one.recipe: one.values(name) for one in made.recipes} for name in measures}
    save(trials(values), place / f"{made.command}.png")
    journal.artifact(place / f"{made.command}.png", "figures")
    spread = [
        row | {name: f"{row[name]:.4g} ± {row[f'{name}_spread']:.2g}" for name in measures} for row in made.rows()
    ]
    shown = {name: name for name in (*measures, "parameters", "seconds")}
    journal.tags({"description": markdown({"recipe": "recipe", **shown}, spread)})
    for row in made.rows():
        headline = tasks.HEADLINES[task].metric
        journal.metrics({f"{row['recipe']}_{headline}": row[str(headline)]}, step=0)
