"""Random generators that depend on where they are used, not on when: (seed, epoch, batch index)."""

import numpy as np


def generator(seed: int, *path: int) -> np.random.Generator:
    """The generator of one place, for example (seed, epoch, batch index); equal arguments, equal draws."""
    return np.random.default_rng([seed, *path])
