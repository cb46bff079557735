"""The whole path on real digits: train three, compare, export the best, serve it, ask it, stop."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kcnn.experiment.compare import Comparison, compare
from kcnn.experiment.export import Export, export
from kcnn.experiment.listener import Listener
from kcnn.workspace import Workspace, atomic_file

RECIPES = ("mlp_digits", "lenet5_digits", "resnet20_digits")
ASKED = 8


@dataclass(frozen=True)
class Answer:
    """What the server said of one test image, and what it is."""

    image: Path
    truth: str
    prediction: str
    probability: float


@dataclass(frozen=True)
class Demo:
    """What the demonstration did."""

    comparison: Comparison
    exported: Export
    url: str
    answers: tuple[Answer, ...]


def demo(
    listener: Listener,
    stage: Callable[[str], None],
    compared: Callable[[Comparison], None],
    stop: threading.Event | None = None,
    workspace: Workspace | None = None,
) -> Demo:
    """Run the whole path; `stage` hears what is being done, `compared` gets the comparison when it is there."""
    workspace = workspace or Workspace()
    stage("Training three models on scikit-learn's 1,797 digits; every run goes to MLflow")
    comparison = compare(RECIPES, workspace=workspace, listener=listener, stop=stop)
    compared(comparison)
    stage("Exporting the best to saved_models/, with its preprocessing inside")
    exported = export(comparison.best, workspace=workspace)
    stage("Serving it, and asking it over HTTP about test images it has never seen")
    url, answers = _ask(comparison, exported, workspace)
    return Demo(comparison, exported, url, answers)


def _ask(comparison: Comparison, exported: Export, workspace: Workspace) -> tuple[str, tuple[Answer, ...]]:
    """Start the server, send real files, stop the server."""
    from kcnn.data import address
    from kcnn.serving.client import Client
    from kcnn.serving.server import running

    source = address.load(comparison.best.recipe.images)
    test = source.splits["test"]
    folder = workspace.run(comparison.name) / "images"
    files = []
    for index in range(ASKED):
        files.append(folder / f"test_{index}.png")
        with atomic_file(files[-1]) as path:
            path.write_bytes(test.encoded(index))
    with running(workspace.saved_models) as url:
        predictions = Client(url).predict_images(exported.name, [file.read_bytes() for file in files])
    truths = [source.classes[label] for label in test.labels[:ASKED]]
    return url, tuple(
        Answer(file, truth, prediction.class_name, prediction.probability)
        for file, truth, prediction in zip(files, truths, predictions, strict=True)
    )
