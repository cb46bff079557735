"""A pretrained network and the data that it is asked about: found, checked, built and read, in that order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kcnn import models
from kcnn.data import address
from kcnn.experiment import pretrained, startup
from kcnn.experiment.listener import Listener
from kcnn.recipes.data import Images
from kcnn.weights.pretrained import Pretrained
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    import keras

    from kcnn.data.source import Source


@dataclass(frozen=True)
class Asked:
    """A pretrained network and a dataset that fits it; `data` says how the images were made ready."""

    data: Images
    found: Pretrained
    network: "keras.Model"
    source: "Source"
    workspace: Workspace
    listener: Listener


def ask(
    weights: str,
    dataset: str,
    *,
    layers: Sequence[str] = (),
    size: int | None = None,
    model: str | None = None,
    classes: int = 1000,
    per_class: int | None = None,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
) -> Asked:
    """The network of these weights for `dataset`, at `size` pixels a side or that of the weights.

    Nothing of the data is held out; of train there are at most `per_class` images of every class. Raises InputError,
    with the nearest name, for weights, a dataset or `layers` that do not exist or do not fit.
    """
    workspace, listener = workspace or Workspace(), listener or Listener()
    found = pretrained.find(weights, workspace, model, classes)
    address.check(Images(source=dataset))
    data = pretrained.images(found, address.absolute(Images(source=dataset)), size, per_class=per_class, validation=0.0)
    if found.origin != pretrained.OWN:
        side = size or found.size
        models.check(found.model, (side, side, found.channels), found.classes, dict(found.options))
    return prepare(found, data, workspace, listener, lambda network: layers_of(network, layers))


def prepare(
    found: Pretrained,
    data: Images,
    workspace: Workspace,
    listener: Listener,
    check: "Callable[[keras.Model], object]" = lambda network: None,
) -> Asked:
    """Start TensorFlow, build the network and `check` it, and only then read the data, which may take minutes."""
    listener.preparing("starting TensorFlow")
    startup.start(workspace)

    def built(shape: tuple[int, int, int]) -> "keras.Model":
        network = pretrained.network(found, shape)
        check(network)
        return network

    network = built((data.size, data.size, found.channels)) if data.size else None
    source = address.load(data, listener.reading, pretrained.presented(found))
    return Asked(data, found, network or built(source.preprocessing.shape), source, workspace, listener)


def layers_of(network: "keras.Model", named: Sequence[str] = ()) -> list[str]:
    """The layers or blocks to ask: those that are named, else all taps and what the classifier sees.

    Raises InputError, with the nearest name, for one that the network does not have.
    """
    from kcnn.transfer.cut import last_cut, layer_called
    from kcnn.transfer.stages import taps

    for name in named:
        layer_called(network, name)
    return list(named) or [*taps(network), last_cut(network)]
