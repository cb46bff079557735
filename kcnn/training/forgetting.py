"""What TensorFlow would keep of a training that is over."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from tensorflow.python.framework import ops


@contextmanager
def forgotten_gradients() -> Iterator[None]:
    """Let the graphs that are traced inside be freed once nobody needs them, and their variables with them.

    Every sum over replicas in a graph, the optimizer's too and also of a single replica, has a gradient of its own,
    which TensorFlow 2.21 registers by name for good. Its closure holds the graph and the memory of all variables in
    it: a process that trains one network after another would keep them all, with the optimizer's moments.
    """
    before = tuple(_registered())
    try:
        yield
    finally:
        forget_gradients(before)


def forget_gradients(but: Collection[str] = ()) -> None:
    """Unregister the gradients of single graphs, but for those named; nobody can differentiate through them then."""
    for name in set(_registered()).difference(but):
        if name.startswith("CustomGradient-"):
            del _registered()[name]


def _registered() -> dict[str, object]:
    # There is no public way to unregister; where a later TensorFlow has another registry, nothing is forgotten.
    return getattr(ops.gradient_registry, "_registry", {})
