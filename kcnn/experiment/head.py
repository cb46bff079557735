"""The head of a cut network, fitted before anything is trained: the logistic regression on what its layers answer."""

from typing import TYPE_CHECKING

from kcnn.experiment.features import features
from kcnn.experiment.listener import Listener
from kcnn.recipes.transfer import Transfer
from kcnn.transfer import probe
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    import keras

    from kcnn.data.source import Source
    from kcnn.weights.pretrained import Pretrained


def fit_head(
    model: "keras.Model",
    found: "Pretrained",
    plan: Transfer,
    source: "Source",
    seed: int,
    workspace: Workspace,
    listener: Listener,
) -> None:
    """Set the weights of `logits` to what suits the training images and the pretrained layers as they are."""
    known = features(found, source, [plan.cut], workspace, listener)[plan.cut]
    listener.preparing("fitting the head")
    fitted = probe.fit("logistic", known["train"], source.splits["train"].labels, seed)
    model.get_layer("logits").set_weights(list(probe.dense(fitted)))
