"""Train recipes several times, each from another seed."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kcnn.errors import InputError
from kcnn.experiment import check
from kcnn.experiment.listener import Listener
from kcnn.experiment.several import Repeated, drafts, repeated
from kcnn.recipes import Recipe
from kcnn.workspace import Workspace

COMMAND = "repeat"


def repeat(
    recipes: Sequence[Recipe | str],
    *,
    seeds: int = 3,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
    stop: threading.Event | None = None,
    **overrides: Any,
) -> Repeated:
    """Train each recipe `seeds` times, from its `train.seed` upwards; `overrides` are made to all of them.

    The data are the same each time. Raises InputError for fewer than two seeds, and as `repeated` does: `resume` goes
    on with what was interrupted.
    """
    if seeds < 2:
        raise InputError(f"seeds must be at least 2, got {seeds}")
    workspace, listener = workspace or Workspace(), listener or Listener()
    trials = {
        draft.name: [check.resolve(seeded(draft, number), {}, workspace) for number in range(seeds)]
        for draft in drafts(recipes, overrides)
    }
    return repeated(COMMAND, trials, workspace, listener, stop)


def seeded(draft: Recipe, number: int) -> Recipe:
    """The recipe of one seed."""
    seed = draft.train.seed + number
    return replace(draft, name=f"{draft.name}_seed{seed}", train=replace(draft.train, seed=seed))
