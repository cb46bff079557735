"""Classic convolutional networks as small readable code: built, trained, compared, exported and served.

The four verbs are imported on first use, so that `import kcnn` costs no TensorFlow:

    kcnn.build("lenet5")                      a Keras model
    kcnn.run("lenet5_digits", epochs=3)       train, evaluate, record
    kcnn.export(run)                          saved_models/<name>/<version>/
    kcnn.serve()                              answer TF Serving's REST protocol
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "build", "export", "run", "serve"]

_VERBS = {
    "build": "kcnn.models",
    "run": "kcnn.experiment.run",
    "export": "kcnn.experiment.export",
    "serve": "kcnn.experiment.serve",
}


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        return getattr(import_module(_VERBS[name]), name)
    raise AttributeError(f"module 'kcnn' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
