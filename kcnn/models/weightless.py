"""Networks as graphs, without memory for their weights."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import keras

from kcnn.layers.precision import precision


def without_weights(build: Callable[[], keras.Model]) -> keras.Model:
    """The model that `build` makes, as a graph alone: quick, in no memory, to be counted and not to be called.

    It is made in a thread of its own. Keras keeps a list, by thread, of the variables that have no value yet, and the
    next training step to be traced would give one to each, in its own graph, for networks that are long gone.
    """
    policy = keras.config.dtype_policy()

    def graph() -> keras.Model:
        with precision(policy), keras.StatelessScope(initialize_variables=False):
            return build()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(graph).result()
