"""What pretrained networks are at hand, and how many photographs of ImageNet they name rightly."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from kcnn.errors import DataError, InputError
from kcnn.experiment import folder, pretrained, startup
from kcnn.experiment.listener import Listener
from kcnn.tracking import journal
from kcnn.weights.presentation import words
from kcnn.weights.pretrained import PACKAGES, Pretrained
from kcnn.workspace import Workspace

OWN = "this workspace"
"""The origin of the runs."""

IMAGENET = 1000
"""Classes."""

_SAMPLE = re.compile(r"(\d+)_.*\.jpe?g", re.IGNORECASE)
"""A sample photograph's name begins with the index of its class."""


@dataclass(frozen=True)
class AtHand:
    """Weights that can be started from, or the package that would bring them.

    `accuracy` is top-1 on the sample photographs of ImageNet: as it was measured here, or on those just given.
    """

    address: str
    model: str
    megabytes: float | None
    origin: str
    licence: str | None
    size: int | None
    preprocessing: str | None
    accuracy: float | None
    missing: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return dict(vars(self))


def at_hand(workspace: Workspace | None = None, limit: int = 20) -> list[AtHand]:
    """Those that packages ship, and the workspace's finished runs, newest first, at most `limit`."""
    workspace = workspace or Workspace()
    return [*map(_packaged, PACKAGES), *islice(_own(workspace), limit)]


def measure(
    weights: str,
    samples: Path,
    *,
    model: str | None = None,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
) -> AtHand:
    """The same for one network, its accuracy measured on a folder of `<class index>_….jpg`.

    Raises DataError where there are none, InputError for a network of no classes or other ones than ImageNet's.
    """
    workspace, listener = workspace or Workspace(), listener or Listener()
    found = pretrained.find(weights, workspace, model)
    if found.headless:
        raise InputError(f"{weights} has no classifier to measure")
    photographs = {path: int(match[1]) for path in sorted(samples.glob("*")) if (match := _SAMPLE.fullmatch(path.name))}
    if not photographs:
        raise DataError(f"{samples} has no photographs called <class index>_<name>.jpg")
    if found.classes != IMAGENET or max(photographs.values()) >= IMAGENET:
        raise InputError(f"{weights} knows {found.classes} classes: the photographs are of ImageNet's {IMAGENET}")
    listener.preparing("starting TensorFlow")
    startup.start(workspace)
    return _described(found, _accuracy(found, photographs, listener))


def _packaged(name: str) -> AtHand:
    package = PACKAGES[name]
    if package.path is None:
        missing = f"pip install {package.module}"
        return AtHand(name, name, None, package.module, package.licence, None, None, package.accuracy, missing)
    try:
        return _described(pretrained.find(name, Workspace()), package.accuracy)
    except InputError as error:
        return AtHand(name, name, None, package.module, package.licence, None, None, package.accuracy, str(error))


def _own(workspace: Workspace) -> Iterator[AtHand]:
    for summary in journal.runs(workspace):
        place = folder.RunFolder(workspace.run(summary.name))
        # A run that nothing can start from is no weights at hand.
        with suppress(InputError):
            if place.model.exists():
                yield _described(pretrained.find(f"{pretrained.RUN}{summary.name}", workspace), None)


def _described(found: Pretrained, accuracy: float | None) -> AtHand:
    package = PACKAGES.get(found.address)
    own = OWN if found.origin == pretrained.OWN else found.origin
    return AtHand(
        address=found.address,
        model=found.model,
        megabytes=found.path.stat().st_size / 1e6,
        origin=package.module if package else own,
        licence=found.licence,
        size=found.size,
        preprocessing=words(found.pixels),
        accuracy=accuracy,
    )


def _accuracy(found: Pretrained, photographs: dict[Path, int], listener: Listener) -> float:
    import numpy as np
    import tensorflow as tf

    from kcnn.data.preprocessing import Preprocessing

    network = pretrained.network(found, (found.size, found.size, found.channels))
    preprocessing = Preprocessing(found.size, found.size, found.channels, "cover").presenting(found.pixels)
    right = 0
    for count, (path, label) in enumerate(photographs.items(), 1):
        try:
            pixels = preprocessing.decode(tf.constant(path.read_bytes()))[tf.newaxis]
        except (tf.errors.InvalidArgumentError, OSError):
            raise DataError(f"{path} is no image that can be read") from None
        logits = np.asarray(network(preprocessing.standardize(pixels), training=False))
        right += int(logits[0].argmax() == label)
        listener.counting(f"asking {found.address}", count, len(photographs))
    return right / len(photographs)
