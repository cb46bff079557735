"""Ask the layers of a pretrained network what they know of a dataset: features to a file, classifiers on them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.data import address
from kcnn.errors import InputError
from kcnn.experiment.asked import Asked, layers_of
from kcnn.experiment.record import markdown, recorded
from kcnn.workspace import atomic_file

if TYPE_CHECKING:
    import numpy as np

    from kcnn.transfer.probe import Probe

SUFFIX = ".npz"
METHODS = ("linear", "logistic", "knn")
"""As in kcnn.transfer.probe, which is imported with scikit-learn when it is needed."""


@dataclass(frozen=True)
class Probed:
    """What each layer reached with each method, and where that is recorded; accuracies in 0..1."""

    run: str
    rows: tuple[Mapping[str, Any], ...]
    figure: Path

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {"run": self.run, "probes": list(self.rows), "figure": str(self.figure)}


def save_features(asked: Asked, layer: str, output: Path) -> dict[str, tuple[int, ...]]:
    """Write what `layer` answers to every example to a file; the shapes of the arrays, by split.

    The file has an array (examples, features) and its `<split>_labels` for each split, the `classes`, and what they
    were made from: `layer`, `weights`, `sha256`, `fingerprint`. Raises InputError where it cannot be written.
    """
    import numpy as np

    from kcnn.experiment.features import features

    (layer,) = layers_of(asked.network, [layer])
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


def probe(asked: Asked, layers: Sequence[str] = (), methods: Sequence[str] = ("linear",), seed: int = 0) -> Probed:
    """Fit classifiers on what each layer answers, record them as a run, and draw accuracy by layer.

    The layers are all taps and what the classifier sees, unless some are named. Settings are chosen by
    cross-validation within train; the other splits are only measured.
    """
    from kcnn.experiment.features import features
    from kcnn.transfer import probe as probes

    layers, methods = list(dict.fromkeys(layers_of(asked.network, layers))), list(dict.fromkeys(methods))
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
