"""What a pretrained network's layers answer to a dataset: computed in one pass, kept, and read again in no time."""

import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from kcnn import __version__
from kcnn.data.pipeline import evaluation_batches
from kcnn.data.source import Examples, Source
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

    Layers that have been asked before, on the same weights and data, are read from the cache.
    Raises KeyboardInterrupt once `stop` is set: nothing is lost that would not be made again.
    """
    place = workspace.features / _key(found, source)
    known = {layer: stored for layer in layers if (stored := _stored(place / f"{layer}.npz", source)) is not None}
    if missing := [layer for layer in layers if layer not in known]:
        made = _computed(found, source, missing, listener, stop or threading.Event())
        for layer in missing:
            with atomic_file(place / f"{layer}.npz") as path, path.open("wb") as file:
                np.savez(file, allow_pickle=False, **made[layer])
        known |= made
    return {layer: known[layer] for layer in layers}


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
) -> Features:
    model = pooled(network(found, source.example_shape), list(layers))
    total = sum(source.counts.values())
    parts: dict[str, dict[str, list[np.ndarray]]] = {layer: {split: [] for split in source.splits} for layer in layers}
    done = 0
    for split in source.splits:
        for answer in answers(model, source.splits[split]):
            for layer in layers:
                parts[layer][split].append(answer[layer])
            if stop.is_set():
                raise KeyboardInterrupt
            done += len(answer[layers[0]])
            listener.counting("taking features", done, total)
    return {layer: {split: np.concatenate(kept) for split, kept in splits.items()} for layer, splits in parts.items()}


def answers(model: tf.keras.Model, examples: Examples) -> Iterator[Any]:
    """What a model answers to each batch of examples, in order: arrays, as the model nests them, padding left out."""
    standardize = examples.preprocessing.standardize
    images = tf.TensorSpec([None, *examples.preprocessing.shape], tf.uint8)
    call = tf.function(lambda images: model(standardize(images), training=False), input_signature=[images])
    for images, _, weights in evaluation_batches(examples, BATCH):
        kept = weights.numpy() > 0
        yield tf.nest.map_structure(lambda answer, kept=kept: answer.numpy()[kept].astype(np.float32), call(images))


def _stored(path: Path, source: Source) -> dict[str, np.ndarray] | None:
    """The cache's answer; None where it has none that is whole."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            found = {split: stored[split] for split in source.splits}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    return found if {split: len(kept) for split, kept in found.items()} == source.counts else None


def _key(found: Pretrained, source: Source) -> str:
    data = [source.fingerprint, source.preprocessing.to_json()]
    parts = [__version__, found.sha256, found.origin, dict(found.options), found.headless, *data]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
