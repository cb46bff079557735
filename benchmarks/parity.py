"""How near kcnn's networks come to torchvision's and keras.applications' under the same weights.

.venv/bin/python -m benchmarks.parity [torchvision | keras]

Relative errors ||answer - reference|| / ||reference|| of the logits. The references of torchvision were computed in
float64; against those at odd sizes kcnn computes in float64 too, everywhere else in float32. They are the tests' own.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from kcnn.models import build
from kcnn.weights import entries, load
from kcnn.weights.keras_applications import APPLICATIONS
from tests.weights import golden
from tests.weights.test_keras_applications import application, images


def torchvision(key: str) -> float:
    """The error of `name@size` or `name:width@HxW`."""
    named, size = key.split("@")
    name, _, width = named.partition(":")
    sides = tuple(map(int, size.split("x"))) if "x" in size else (int(size), int(size))
    golden.compute_in("float64" if "x" in size else "float32")
    model = build(name, (*sides, 3), like="torchvision", **({"width": float(width)} if width else {}))
    weights = {name: golden.weight(name, shape) for name, shape in entries(model, "torchvision").items()}
    load(model, weights, "torchvision")
    reference = golden.expected(key)
    return golden.relative(model(golden.image((len(reference), *sides, 3))), reference)


def applications(name: str) -> float:
    """The error against keras.applications in float32."""
    golden.compute_in("float32")
    theirs = application(name)
    ours = build(name, theirs.input_shape[1:], like="keras")
    load(ours, {variable.path: np.array(variable) for variable in theirs.variables}, "keras")
    return golden.relative(ours(images(theirs)), np.array(theirs(images(theirs))))


def main() -> None:
    jobs = {
        "torchvision": (torchvision, [*golden.ENTRIES, *golden.SIZES]),
        "keras": (applications, list(APPLICATIONS)),
    }
    for library in sys.argv[1:] or jobs:
        error, names = jobs[library]
        for name in names:
            print(f"{library:>11}  {name:<28} {error(name):.1e}", flush=True)
            keras.backend.clear_session()


if __name__ == "__main__":
    main()
