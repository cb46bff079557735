"""What a pretrained network's layers answer to a dataset: computed in one pass, kept, and read again in no time."""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from kcnn import __version__
from kcnn.data.images import Examples
from kcnn.data.pipeline import evaluation_batches
from kcnn.data.source import Source
from kcnn.experiment.asked import Asked
from kcnn.experiment.listener import Listener
from kcnn.experiment.pretrained import network
from kcnn.transfer.cut import pooled
from kcnn.weights.pretrained import Pretrained
from kcnn.workspace import Workspace, atomic_file

BATCH = 64

Features = dict[str, dict[str, np.ndarray]]
"""By layer and split: (examples, features), float32, maps as their mean over the places."""


def features(
    found: Pretrained,
    source: Source,
    layers: Sequence[str],
    workspace: Workspace,
    listener: Listener,
    stop: threading.Event | None = None,
) -> Features:
    """What the layers answer to every example of every split, in order.

    Layers that have been asked before, on the same weights and images, are read from the cache, however the images are
    split. Raises KeyboardInterrupt once `stop` is set: nothing is lost that would not be made again.
    """
    images = sorted({digest for digests in source.digests.values() for digest in digests})
    place = workspace.features / _key(found, source, images)
    known = {layer: stored for layer in layers if (stored := _stored(place / f"{layer}.npy", images)) is not None}
    if missing := [layer for layer in layers if layer not in known]:
        made = _computed(found, source, missing, listener, stop or threading.Event())
        for layer in missing:
            rows = made.pop(layer)
            known[layer] = np.stack([rows[digest] for digest in images])
            with atomic_file(place / f"{layer}.npy") as path, path.open("wb") as file:
                np.save(file, known[layer], allow_pickle=False)
    row_of = {digest: row for row, digest in enumerate(images)}
    order = {split: [row_of[digest] for digest in digests] for split, digests in source.digests.items()}
    return {layer: {split: known[layer][places] for split, places in order.items()} for layer in layers}


def accuracies(asked: Asked, layers: Sequence[str], stop: threading.Event | None = None) -> dict[str, float]:
    """By layer, how well logistic regression on its answers does on parts of train that are left out, in 0..1.

    Raises KeyboardInterrupt as `features` does.
    """
    from kcnn.transfer import probe

    known = features(asked.found, asked.source, layers, asked.workspace, asked.listener, stop)
    labels = asked.source.splits["train"].labels
    reached = {}
    for number, layer in enumerate(layers, 1):
        if stop and stop.is_set():
            raise KeyboardInterrupt
        asked.listener.preparing(f"probing {layer} ({number} of {len(layers)})")
        reached[layer] = probe.fit("logistic", known[layer]["train"], labels).accuracy
    return reached


def _computed(
    found: Pretrained, source: Source, layers: Sequence[str], listener: Listener, stop: threading.Event
) -> dict[str, dict[bytes, np.ndarray]]:
    """By layer and image."""
    model = pooled(network(found, source.preprocessing.shape), list(layers))
    total = sum(source.counts.values())
    made: dict[str, dict[bytes, np.ndarray]] = {layer: {} for layer in layers}
    done = 0
    for split, examples in source.splits.items():
        digests = iter(source.digests[split])
        for answer in answers(model, examples):
            if stop.is_set():
                raise KeyboardInterrupt
            images = list(islice(digests, len(answer[layers[0]])))
            for layer in layers:
                made[layer].update(zip(images, answer[layer], strict=True))
            done += len(images)
            listener.counting("taking features", done, total)
    return made


def answers(model: tf.keras.Model, examples: Examples) -> Iterator[Any]:
    """What a model answers to each batch of examples, in order: arrays, as the model nests them, padding left out."""
    standardize = examples.preprocessing.standardize
    images = tf.TensorSpec([None, *examples.preprocessing.shape], tf.uint8)
    call = tf.function(lambda images: model(standardize(images), training=False), input_signature=[images])
    for images, _, weights in evaluation_batches(examples, BATCH):
        kept = weights.numpy() > 0
        yield tf.nest.map_structure(lambda answer, kept=kept: answer.numpy()[kept].astype(np.float32), call(images))


def _stored(path: Path, images: Sequence[bytes]) -> np.ndarray | None:
    """The cache's answers to the images; None where it has none that is whole."""
    try:
        with path.open("rb") as file:
            found = np.load(file, allow_pickle=False)
    except (OSError, EOFError, ValueError):
        return None
    return found if found.ndim == 2 and len(found) == len(images) else None


def _key(found: Pretrained, source: Source, images: Sequence[bytes]) -> str:
    weights = [found.sha256, found.origin, dict(found.options), found.headless]
    contents = hashlib.sha256(b"".join(images)).hexdigest()
    parts = json.dumps([__version__, weights, contents, source.preprocessing.to_json()], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()[:16]
