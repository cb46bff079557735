"""Random generators that depend on where they are used, not on when: (seed, epoch, batch index)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def generator(seed: int, *path: int) -> "np.random.Generator":
    """The generator of one place, for example (seed, epoch, batch index); equal arguments, equal draws."""
    # Here, because a recipe's error must not wait for NumPy.
    import numpy as np

    return np.random.default_rng([seed, *path])
