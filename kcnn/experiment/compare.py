"""Train several recipes under one parent run and tabulate them."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kcnn.errors import DataError, HeldRun, InputError
from kcnn.experiment import check, tasks
from kcnn.experiment.listener import Listener
from kcnn.experiment.record import markdown, recorded, requested
from kcnn.experiment.result import Result
from kcnn.experiment.run import run
from kcnn.recipes import Recipe, from_json, to_json
from kcnn.tracking.journal import Journal
from kcnn.workspace import Workspace, atomic_file

COMMAND = "compare"


@dataclass(frozen=True)
class Comparison:
    """The runs of a comparison in the order they were asked for; `failed` says why a recipe has none."""

    name: str
    results: tuple[Result, ...]
    failed: dict[str, str]

    @property
    def best(self) -> Result:
        """The run that is best on the split that choices are made by; of equals, the one with fewer parameters."""
        sign = -1 if self.headline.highest else 1
        return min(self.results, key=lambda result: (sign * self._choice(result), result.facts["parameters"]))

    @property
    def headline(self) -> tasks.Headline:
        """The measure that the runs are compared by."""
        return tasks.HEADLINES[tasks.of(self.results[0].recipe)]

    def rows(self) -> list[dict[str, Any]]:
        """What the table says, a mapping a run."""
        measure = self.headline.metric if self.results else None
        return [
            {
                "run": result.run,
                "recipe": result.recipe.name,
                "model": result.facts["model"],
                **{f"{split}_{measure}": result.metrics.get(f"{split}_{measure}") for split in ("val", "test")},
                "parameters": result.facts["parameters"],
                "multiply_adds": result.facts["multiply_adds"],
                "images_per_second": result.metrics["images_per_second"],
                "seconds": result.seconds,
            }
            for result in self.results
        ]

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        best = self.best.run if self.results else None
        return {"comparison": self.name, "runs": self.rows(), "best": best, "failed": self.failed}

    def _choice(self, result: Result) -> float:
        """The headline on what choices are made by: the part held out of train, never a split that is reported."""
        return result.metrics[f"{result.facts['choosing']}_{self.headline.metric}"]


def compare(
    recipes: Sequence[Recipe | str],
    *,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    minutes: float | None = None,
    stop: threading.Event | None = None,
    **overrides: Any,
) -> Comparison:
    """Train each recipe, every one checked before the first starts; `overrides` are made to all of them.

    A recipe whose training fails by its own fault (a loss that diverges) is reported and the others go on. Raises
    InterruptedRun after `stop` was set: `resume` goes on with it.
    """
    workspace, listener = workspace or Workspace(), listener or Listener()
    resolved = [check.resolve(recipe, overrides, workspace) for recipe in recipes]
    check_comparable(resolved)
    return _compared(resolved, minutes, workspace, listener, stop)


def resume(
    name: str,
    *,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> Comparison:
    """Go on with a comparison that was interrupted: its finished runs are kept. `latest` is the newest.

    Raises InputError, with the nearest name, where there is no such comparison, or it is finished.
    """
    workspace, listener = workspace or Workspace(), listener or Listener()
    name, request = requested(COMMAND, name, workspace)
    recipes = [check.resolve(from_json(Recipe, values), {}, workspace) for values in request["recipes"]]
    return _compared(recipes, request["minutes"], workspace, listener, stop, name)


def _compared(
    recipes: Sequence[Recipe],
    minutes: float | None,
    workspace: Workspace,
    listener: Listener,
    stop: threading.Event | None,
    name: str | None = None,
) -> Comparison:
    tags = {"comparison": ", ".join(recipe.name for recipe in recipes)}
    request = {"recipes": [to_json(recipe) for recipe in recipes], "minutes": minutes}
    with recorded(COMMAND, workspace, listener, tags, request, name) as journal:
        comparison = Comparison(journal.path.parent.name, (), {})
        terms = {"workspace": workspace, "listener": listener, "minutes": minutes, "stop": stop}
        for recipe in recipes:
            comparison = _extended(comparison, recipe, terms | {"parent": comparison.name})
        if not comparison.results:
            raise InputError(f"no recipe could be trained: {'; '.join(comparison.failed.values())}")
        _record(comparison, journal, workspace)
    return comparison


def _extended(comparison: Comparison, recipe: Recipe, terms: dict[str, Any]) -> Comparison:
    """The comparison with one recipe more: trained, or failed by its own fault and not by that of the data."""
    read = (one.facts["data_fingerprint"] for one in comparison.results if one.recipe.data == recipe.data)
    try:
        result = run(recipe, fingerprint=next(read, None), **terms)
    except (DataError, HeldRun):
        raise
    except InputError as error:
        terms["listener"].warn(f"{recipe.name}: {error}")
        return replace(comparison, failed=comparison.failed | {recipe.name: str(error)})
    return replace(comparison, results=(*comparison.results, result))


def check_comparable(recipes: Sequence[Recipe]) -> None:
    """Raise InputError where there are none, one is named twice, or there is no measure that all of them have."""
    if not recipes:
        raise InputError("name at least one recipe")
    if len({recipe.name for recipe in recipes}) < len(recipes):
        raise InputError("the same recipe is named twice")
    check_alike({recipe.name: tasks.of(recipe) for recipe in recipes})
    if not tasks.HEADLINES[tasks.of(recipes[0])].metric:
        raise InputError(f"{recipes[0].name} cannot be compared: there is no measure of {tasks.of(recipes[0])}")


def check_alike(doing: Mapping[str, str]) -> None:
    """Raise InputError where what is to be compared, a task by its name, does different things."""
    if len(found := {task: name for name, task in doing.items()}) > 1:
        named = " and ".join(f"{name} ({task})" for task, name in found.items())
        raise InputError(f"{named} cannot be compared: they do different things")


def columns(comparison: Comparison) -> dict[str, str]:
    """Of the table in MLflow's UI: headings with the keys of the rows."""
    measure = comparison.headline.metric
    shown = {"recipe": "recipe", "val": f"val_{measure}", "test": f"test_{measure}"}
    costs = {"parameters": "parameters", "multiply-adds": "multiply_adds", "examples/s": "images_per_second"}
    return shown | costs | {"seconds": "seconds"}


def _record(comparison: Comparison, journal: Journal, workspace: Workspace) -> None:
    """The table and the figure, on the parent run."""
    from kcnn.plots.comparison import comparison as draw
    from kcnn.plots.figure import save

    place = workspace.run(comparison.name)
    with atomic_file(place / "comparison.json") as temporary:
        temporary.write_text(json.dumps(comparison.to_json(), indent=2) + "\n")
    journal.artifact(place / "comparison.json")
    rows = comparison.rows()
    save(draw(rows, str(comparison.headline.metric)), place / "comparison.png")
    journal.artifact(place / "comparison.png", "figures")
    best = comparison.best
    journal.tags({"best": best.run, "description": markdown(columns(comparison), rows)})
    shown = f"_{comparison.headline.metric}"
    journal.metrics({f"best_{key}": value for key, value in best.metrics.items() if key.endswith(shown)}, step=0)
