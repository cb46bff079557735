"""Train recipes on every fold of their data, each of which is `test` once."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kcnn.errors import InputError
from kcnn.experiment import check
from kcnn.experiment.listener import Listener
from kcnn.experiment.repeat import seeded
from kcnn.experiment.several import Repeated, drafts, repeated
from kcnn.recipes import Recipe
from kcnn.recipes.data import Masks
from kcnn.recipes.text import Text
from kcnn.workspace import Workspace

COMMAND = "crossvalidate"


def crossvalidate(
    recipes: Sequence[Recipe | str],
    *,
    seeds: int = 1,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
    **overrides: Any,
) -> Repeated:
    """Train each recipe `seeds` times for every of its `data.folds`; `overrides` are made to all of them.

    In `model.start` the number of the fold stands for `{fold}`: what has seen an example must not be started from where
    that example is tested.
    Raises InputError for no seeds, where a recipe has no folds, and as `repeated` does: `resume` goes on with what was
    interrupted.
    """
    if seeds < 1:
        raise InputError(f"seeds must be at least 1, got {seeds}")
    workspace, listener = workspace or Workspace(), listener or Listener()
    trials = {}
    for draft in drafts(recipes, overrides):
        if not isinstance(draft.data, Masks | Text) or draft.data.folds is None:
            raise InputError(
                f"{draft.name} has no folds: data.folds=5 cuts a folder of images and masks, or texts, into five"
            )
        of_fold = [_fold(draft, draft.data, number) for number in range(draft.data.folds)]
        chosen = [
            one for seed in range(seeds) for one in (seeded(each, seed) if seeds > 1 else each for each in of_fold)
        ]
        trials[draft.name] = [check.resolve(one, {}, workspace) for one in chosen]
    return repeated(COMMAND, trials, workspace, listener, stop)


def _fold(draft: Recipe, data: Masks | Text, number: int) -> Recipe:
    """The recipe of one fold."""
    start = draft.model.start
    return replace(
        draft,
        name=f"{draft.name}_fold{number}",
        data=replace(data, fold=number),
        model=replace(draft.model, start=start and start.replace("{fold}", str(number))),
    )
