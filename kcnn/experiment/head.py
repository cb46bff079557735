"""The head of a cut network, fitted before anything is trained: the logistic regression on what its layers answer."""

import threading
import time
from typing import TYPE_CHECKING

from kcnn.experiment.features import features
from kcnn.experiment.listener import Listener
from kcnn.recipes.transfer import Transfer
from kcnn.training.checkpoints import Progress
from kcnn.transfer import probe
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    import keras

    from kcnn.data.source import Source
    from kcnn.experiment.tasks import Task
    from kcnn.training.trainer import Evaluate, Observer, Trainer
    from kcnn.weights.pretrained import Pretrained


def fit_head(
    model: "keras.Model",
    found: "Pretrained",
    plan: Transfer,
    source: "Source",
    seed: int,
    workspace: Workspace,
    listener: Listener,
    stop: threading.Event,
) -> None:
    """Set the weights of `logits` to what suits the training images and the pretrained layers as they are."""
    known = features(found, source, [plan.cut], workspace, listener, stop)[plan.cut]
    listener.preparing("fitting the head")
    fitted = probe.fit("logistic", known["train"], source.splits["train"].labels, seed)
    model.get_layer("logits").set_weights(list(probe.dense(fitted)))


def as_it_is(trainer: "Trainer", task: "Task", validate: "Evaluate | None", observer: "Observer") -> Progress:
    """The one entry in the history of a network that is whole when its head is fitted: measured, and not trained."""
    begin = time.perf_counter()
    found = task.measured(trainer, "train")
    speed = len(task.source.splits["train"]) / (time.perf_counter() - begin)
    metrics = found.metrics | {"learning_rate": 0.0, "images_per_second": speed}
    metrics |= validate(trainer) if validate else {}
    observer.epoch(0, metrics)
    return Progress(epoch=1, seconds=time.perf_counter() - begin, finished=True, history=[metrics])
