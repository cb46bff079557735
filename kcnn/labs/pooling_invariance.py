"""After a shift by one every input of a max pooling has changed, and only half of what it answers.

The row of numbers is that of Goodfellow, Bengio, Courville 2016, *Deep Learning*, figure 9.8. So do the maps of a
photograph: the larger the window, the fewer of the pooled values change. Of means all change.
"""

from collections.abc import Callable

import numpy as np

from kcnn.arithmetic.pooling import average_pool, max_pool
from kcnn.filters.edges import sobel
from kcnn.labs.lab import Outcome
from kcnn.labs.photographs import grey_photograph
from kcnn.plots.panels import Curves, Matrix, panels

ROW = np.array([0.0, 0.3, 0.1, 1.0, 0.2, 0.1, 0.0])
SHOWN = slice(2, 6)
"""The four places that the figure shows; those beside them are in their windows."""
WINDOWS = (1, 3, 5, 7, 9)
ROUNDING = 1e-9
"""Values so near are the same."""

Pool = Callable[..., np.ndarray]


def measure(pool: Pool = max_pool) -> Outcome:
    """Shift the figure's row, and the map of a photograph's edges, by one; count what changes."""
    before, after = ROW, np.roll(ROW, 1)
    pooled, pooled_after = pool_row(pool, before), pool_row(pool, after)
    edges = sobel(grey_photograph("china")).magnitude
    edges = edges / edges.max()
    changed = {window: changes(pool, edges, window) for window in WINDOWS}
    numbers = {
        "inputs_changed": share(before[SHOWN], after[SHOWN]),
        "pooled_changed": share(pooled[SHOWN], pooled_after[SHOWN]),
        "photograph_inputs_changed": changed[1],
        "photograph_pooled_changed_at_9x9": changed[9],
    }
    holds = (
        numbers["inputs_changed"] == 1.0
        and numbers["pooled_changed"] == 0.5
        and numbers["photograph_pooled_changed_at_9x9"] < 0.5 * numbers["photograph_inputs_changed"]
    )
    rows = [
        Matrix(np.stack([pooled[SHOWN], before[SHOWN]]), "maximum of three (above) of a row (below)"),
        Matrix(np.stack([pooled_after[SHOWN], after[SHOWN]]), "the same, shifted right by one"),
        Curves(
            WINDOWS,
            {"maximum": list(changed.values()), "mean": [changes(average_pool, edges, window) for window in WINDOWS]},
            "edges of a photograph, shifted by one",
            "window",
            "share of values that change",
            bottom=0,
        ),
    ]
    return Outcome(holds, numbers, panels([rows], width=4.0, height=3.2))


def pool_row(pool: Pool, row: np.ndarray) -> np.ndarray:
    """Windows of three, a place apart."""
    return pool(row[None, :, None], 3, 1, "same")[0, :, 0]


def changes(pool: Pool, image: np.ndarray, window: int) -> float:
    """The share of pooled values that a shift of the image by one pixel changes."""
    here, there = (pool(part[None, :, :, None], window, 1) for part in (image[:, :-1], image[:, 1:]))
    return share(here, there)


def share(one: np.ndarray, other: np.ndarray) -> float:
    """The share of places at which two maps differ."""
    return float(np.mean(np.abs(one - other) > ROUNDING))
