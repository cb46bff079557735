"""Ask the layers of a pretrained network what they know of a dataset: features to a file, classifiers on them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn import models
from kcnn.data import address
from kcnn.errors import InputError
from kcnn.experiment import pretrained, startup
from kcnn.experiment.listener import Listener
from kcnn.experiment.record import markdown, recorded
from kcnn.recipes.data import Images
from kcnn.weights.pretrained import Pretrained
from kcnn.workspace import Workspace, atomic_file

if TYPE_CHECKING:
    import keras
    import numpy as np

    from kcnn.data.source import Source
    from kcnn.transfer.probe import Probe

SUFFIX = ".npz"
METHODS = ("linear", "logistic", "knn")
"""As in kcnn.transfer.probe, which is imported with scikit-learn when it is needed."""


@dataclass(frozen=True)
class Asked:
    """A pretrained network and a dataset that fits it; `data` says how the images were made ready."""

    data: Images
    found: Pretrained
    network: "keras.Model"
    source: "Source"
    workspace: Workspace
    listener: Listener


@dataclass(frozen=True)
class Probed:
    """What each layer reached with each method, and where that is recorded; accuracies in 0..1."""

    run: str
    rows: tuple[Mapping[str, Any], ...]
    figure: Path

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {"run": self.run, "probes": list(self.rows), "figure": str(self.figure)}


def ask(
    weights: str,
    dataset: str,
    data: Images | None = None,
    *,
    size: int | None = None,
    model: str | None = None,
    classes: int = 1000,
    per_class: int | None = None,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
) -> Asked:
    """The network of these weights for `dataset`, at `size` pixels a side or that of the weights.

    `data` says all about the images in their place. Raises InputError, with the nearest name, for weights or a dataset
    that do not exist or do not fit.
    """
    workspace, listener = workspace or Workspace(), listener or Listener()
    found = pretrained.find(weights, workspace, model, classes)
    address.check(dataset)
    whole = pretrained.images(found, address.absolute(dataset), size, per_class=per_class, validation=0.0)
    data = data or whole
    shape = (data.size, data.size, found.channels) if data.size else None
    if found.origin != pretrained.OWN:
        models.check(found.model, shape, found.classes, dict(found.options))
    listener.preparing("starting TensorFlow")
    startup.start(workspace)
    network = pretrained.network(found, shape) if shape else None
    source = address.load(data, listener.reading, pretrained.presented(found))
    return Asked(data, found, network or pretrained.network(found, source.example_shape), source, workspace, listener)


def layers_of(asked: Asked, named: Sequence[str] = ()) -> list[str]:
    """The layers or blocks to ask: those that are named, else all taps.

    Raises InputError, with the nearest name, for one that the network does not have.
    """
    from kcnn.transfer.cut import last_cut, layer_called
    from kcnn.transfer.stages import taps

    for name in named:
        layer_called(asked.network, name)
    return list(named) or [*taps(asked.network), last_cut(asked.network)]


def save_features(asked: Asked, layer: str, output: Path) -> dict[str, tuple[int, ...]]:
    """Write what `layer` answers to every example to a file; the shapes of the arrays, by split.

    The file has an array (examples, features) and its `<split>_labels` for each split, the `classes`, and what they
    were made from: `layer`, `weights`, `sha256`, `fingerprint`. Raises InputError where it cannot be written.
    """
    import numpy as np

    from kcnn.experiment.features import features

    (layer,) = layers_of(asked, [layer])
    known = features(asked.found, asked.source, [layer], asked.workspace, asked.listener)[layer]
    labels = {f"{split}_labels": examples.labels for split, examples in asked.source.splits.items()}
    made_from = {
        "classes": np.array(asked.source.classes),
        "layer": np.array(layer),
        "weights": np.array(asked.found.address),
        "sha256": np.array(asked.found.sha256),
        "fingerprint": np.array(asked.source.fingerprint),
    }
    with atomic_file(output) as path, path.open("wb") as file:
        np.savez(file, allow_pickle=False, **known, **labels, **made_from)
    return {split: array.shape for split, array in known.items()}


def check_output(output: Path) -> None:
    """Raise InputError where no features can be written: another suffix than .npz, no such folder."""
    if output.suffix != SUFFIX or output.is_dir():
        raise InputError(f"features are a file ending in {SUFFIX}, got {str(output)!r}")
    if not output.parent.is_dir():
        raise InputError(f"{output}: there is no folder {output.parent}")


def probe(asked: Asked, layers: Sequence[str], methods: Sequence[str] = ("linear",), seed: int = 0) -> Probed:
    """Fit classifiers on what each layer answers, record them as a run, and draw accuracy by layer.

    Settings are chosen by cross-validation within train; the other splits are only measured.
    """
    from kcnn.experiment.features import features
    from kcnn.transfer import probe as probes

    layers, methods = list(dict.fromkeys(layers)), list(dict.fromkeys(methods))
    tags = {"probe": f"{asked.found.address} on {asked.source.address}"}
    with recorded("probe", asked.workspace, asked.listener, tags) as journal:
        known = features(asked.found, asked.source, layers, asked.workspace, asked.listener)
        rows: list[dict[str, Any]] = []
        for number, layer in enumerate(layers):
            for method in methods:
                asked.listener.preparing(f"{method} probe of {layer}")
                labels = asked.source.splits["train"].labels
                fitted = probes.fit(method, known[layer]["train"], labels, seed)
                rows.append(_row(asked, layer, known[layer], fitted))
                scores = {key: value for key, value in rows[-1].items() if key.endswith("accuracy")}
                journal.metrics({f"{method}_{key}": value for key, value in scores.items()}, step=number)
        place = journal.path.parent
        with atomic_file(place / "probe.json") as path:
            path.write_text(json.dumps(rows, indent=2) + "\n")
        figure = place / "probe.png"
        _draw(asked, layers, methods, rows, figure)
        journal.params(_facts(asked, layers, methods))
        journal.tags({"description": markdown({key.replace("_", " "): key for key in rows[0]}, rows)})
        journal.artifact(place / "probe.json")
        journal.artifact(figure, "figures")
    return Probed(place.name, tuple(rows), figure)


def _row(asked: Asked, layer: str, known: "dict[str, np.ndarray]", fitted: "Probe") -> dict[str, Any]:
    splits = {
        f"{split}_accuracy": fitted.score(known[split], examples.labels)
        for split, examples in asked.source.splits.items()
        if split != "train"
    }
    return {
        "layer": layer,
        "method": fitted.method.name,
        "features": known["train"].shape[1],
        "setting": f"{fitted.method.setting}={fitted.chosen:g}",
        "cross_validated_accuracy": fitted.accuracy,
        **splits,
    }


def _facts(asked: Asked, layers: Sequence[str], methods: Sequence[str]) -> dict[str, Any]:
    return {
        "weights": asked.found.address,
        "sha256": asked.found.sha256,
        "data": asked.source.address,
        "data_fingerprint": asked.source.fingerprint,
        "input_shape": "x".join(map(str, asked.source.example_shape)),
        "layers": ", ".join(layers),
        "methods": ", ".join(methods),
    }


def _draw(
    asked: Asked, layers: Sequence[str], methods: Sequence[str], rows: Sequence[Mapping[str, Any]], path: Path
) -> None:
    from kcnn.plots.figure import save
    from kcnn.plots.layers import by_layer

    reported = list(asked.source.splits)[-1]
    key = f"{reported}_accuracy" if reported != "train" else "cross_validated_accuracy"
    lines = {method: [row[key] for row in rows if row["method"] == method] for method in methods}
    title = f"{asked.found.model} on {address.label(asked.source.address)}"
    save(by_layer(title, layers, lines, key.replace("_", " ").replace("val ", "validation ")), path)
