"""Train recipes on every fold of their data under one parent run: mean and spread of what is measured."""

import json
import statistics
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from kcnn.errors import DataError, HeldRun, InputError
from kcnn.experiment import check, tasks
from kcnn.experiment.listener import Listener
from kcnn.experiment.record import markdown, recorded, requested
from kcnn.experiment.result import Result
from kcnn.experiment.run import run
from kcnn.recipes import Recipe, from_json, to_json
from kcnn.recipes.data import Masks
from kcnn.tracking.journal import Journal
from kcnn.workspace import Workspace, atomic_file

COMMAND = "crossvalidate"


@dataclass(frozen=True)
class Folds:
    """A recipe's results, one a fold, in order; folds that could not be trained have none."""

    recipe: str
    results: tuple[Result, ...]

    def values(self, measure: str) -> list[float]:
        """What was measured on the fold that each run was not trained on."""
        return [result.metrics[f"test_{measure}"] for result in self.results]

    @property
    def measures(self) -> list[str]:
        """What was measured on every fold."""
        names = [name for name in self.results[0].metrics if name.startswith("test_")]
        return [name.removeprefix("test_") for name in names if all(name in one.metrics for one in self.results)]


@dataclass(frozen=True)
class CrossValidation:
    """Every recipe's folds, in the order in which they were asked for; `failed` says why a fold has no result."""

    name: str
    recipes: tuple[Folds, ...]
    failed: dict[str, str]

    @property
    def measures(self) -> list[str]:
        """What was measured of every recipe."""
        return [name for name in self.recipes[0].measures if all(name in one.measures for one in self.recipes)]

    def rows(self) -> list[dict[str, Any]]:
        """What the table says, a mapping a recipe: mean and deviation of every measure, the time of all folds."""
        return [
            {
                "recipe": folds.recipe,
                "folds": len(folds.results),
                **{measure: statistics.mean(folds.values(measure)) for measure in self.measures},
                **{f"{measure}_spread": statistics.stdev(folds.values(measure)) for measure in self.measures},
                "parameters": folds.results[0].facts["parameters"],
                "seconds": sum(result.seconds for result in folds.results),
            }
            for folds in self.recipes
        ]

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        by_fold = {
            folds.recipe: [{"run": result.run, "metrics": result.metrics} for result in folds.results]
            for folds in self.recipes
        }
        return {"crossvalidation": self.name, "rows": self.rows(), "folds": by_fold, "failed": self.failed}


def crossvalidate(
    recipes: Sequence[Recipe | str],
    *,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
    **overrides: Any,
) -> CrossValidation:
    """Train each recipe once for every of its `data.folds`, which is `test` then; `overrides` are made to all of them.

    In `model.start` the number of the fold stands for `{fold}`: what has seen an image must not be started from where
    that image is tested.
    A fold whose training fails by its own fault (a loss that diverges) is reported and the others go on.
    Raises InputError where a recipe has no folds, or not two of them could be trained, and InterruptedRun after `stop`
    was set: `resume` goes on with it.
    """
    workspace, listener = workspace or Workspace(), listener or Listener()
    drafts = [check.drafted(recipe, overrides) for recipe in recipes]
    if len({draft.name for draft in drafts}) < len(drafts):
        raise InputError("the same recipe is named twice")
    for draft in drafts:
        if not isinstance(draft.data, Masks) or draft.data.folds is None:
            raise InputError(f"{draft.name} has no folds: data.folds=5 cuts a folder of images and masks into five")
    folds = {
        draft.name: [check.resolve(_fold(draft, number), {}, workspace) for number in range(draft.masks.folds or 0)]
        for draft in drafts
    }
    return _validated(folds, workspace, listener, stop)


def _fold(draft: Recipe, number: int) -> Recipe:
    """The recipe of one fold."""
    start = draft.model.start
    return replace(
        draft,
        name=f"{draft.name}_fold{number}",
        data=replace(draft.masks, fold=number),
        model=replace(draft.model, start=start and start.replace("{fold}", str(number))),
    )


def resume(
    name: str,
    *,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> CrossValidation:
    """Go on with one that was interrupted: its finished runs are kept. `latest` is the newest.

    Raises InputError, with the nearest name, where there is none of that name, or it is finished.
    """
    workspace, listener = workspace or Workspace(), listener or Listener()
    name, request = requested(COMMAND, name, workspace)
    folds = {
        recipe: [check.resolve(from_json(Recipe, values), {}, workspace) for values in of_recipe]
        for recipe, of_recipe in request["folds"].items()
    }
    return _validated(folds, workspace, listener, stop, name)


def _validated(
    folds: Mapping[str, Sequence[Recipe]],
    workspace: Workspace,
    listener: Listener,
    stop: threading.Event | None,
    name: str | None = None,
) -> CrossValidation:
    tags = {"crossvalidation": ", ".join(folds)}
    request = {"folds": {recipe: [to_json(one) for one in of_recipe] for recipe, of_recipe in folds.items()}}
    with recorded(COMMAND, workspace, listener, tags, request, name) as journal:
        parent = journal.path.parent.name
        found: dict[str, list[Result]] = {recipe: [] for recipe in folds}
        failed: dict[str, str] = {}
        terms: dict[str, Any] = {"workspace": workspace, "listener": listener, "parent": parent, "stop": stop}
        # A fold of all recipes before the next fold: what is interrupted can be compared as far as it has come.
        for together in zip_longest(*folds.values()):
            for recipe, one in zip(folds, together, strict=True):
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
            raise InputError(f"fewer than two folds of {', '.join(few)} could be trained: {'; '.join(failed.values())}")
        by_recipe = tuple(Folds(name, tuple(results)) for name, results in found.items())
        made = CrossValidation(parent, by_recipe, failed)
        _record(made, tasks.of(next(iter(folds.values()))[0]), journal, workspace)
    return made


def _record(made: CrossValidation, task: str, journal: Journal, workspace: Workspace) -> None:
    """The table and the figure, on the parent run."""
    from kcnn.plots.figure import save
    from kcnn.plots.folds import folds

    place = workspace.run(made.name)
    with atomic_file(place / "crossvalidation.json") as temporary:
        temporary.write_text(json.dumps(made.to_json(), indent=2) + "\n")
    journal.artifact(place / "crossvalidation.json")
    measures = [name for name in made.measures if name not in ("loss", "accuracy")]
    values = {name: {one.recipe: one.values(name) for one in made.recipes} for name in measures}
    save(folds(values), place / "crossvalidation.png")
    journal.artifact(place / "crossvalidation.png", "figures")
    spread = [
        row | {name: f"{row[name]:.4f} ± {row[f'{name}_spread']:.4f}" for name in measures} for row in made.rows()
    ]
    shown = {name: name for name in (*measures, "parameters", "seconds")}
    journal.tags({"description": markdown({"recipe": "recipe", **shown}, spread)})
    for row in made.rows():
        headline = tasks.HEADLINES[task].metric
        journal.metrics({f"{row['recipe']}_{headline}": row[str(headline)]}, step=0)
