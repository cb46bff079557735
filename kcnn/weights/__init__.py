"""Weights that others trained, brought into the models: `kcnn.weights.load(model, source, origin)`."""

from importlib import import_module
from typing import Any

__all__ = ["Loaded", "entries", "load"]


def __getattr__(name: str) -> Any:
    # Imported on first use: the readers of files need no Keras.
    if name in __all__:
        return getattr(import_module("kcnn.weights.loading"), name)
    raise AttributeError(f"module 'kcnn.weights' has no attribute {name!r}")
