"""Layers that start as those of another network: a context module's front end, a segmentation's backbone."""

from typing import TYPE_CHECKING

from kcnn.errors import InputError
from kcnn.experiment import folder, pretrained
from kcnn.models.catalog import variant
from kcnn.recipes import Recipe
from kcnn.recipes.data import Images, Masks, Pixels
from kcnn.recipes.video import Video
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    import keras


def resolved(recipe: Recipe, workspace: Workspace) -> str | None:
    """What the recipe's model starts from, a run by its whole name; None where it starts afresh.

    Raises InputError, with the nearest name, where there is no such run or variant, or the run is not finished, and for
    clips of other channels than those of published weights.
    """
    address = recipe.model.start
    if address is None:
        return None
    if recipe.transfer:
        raise InputError("model.start and transfer both say where weights come from: leave one out")
    if not address.startswith(pretrained.RUN):
        published = pretrained.find(address, workspace)
        if isinstance(recipe.data, Video) and recipe.data.colours != published.channels:
            raise InputError(f"{address} needs data.channels={published.channels}, got {recipe.data.colours}")
        return published.address
    found = folder.find(workspace, address.removeprefix(pretrained.RUN))
    found.check_finished()
    return f"{pretrained.RUN}{found.name}"


def presented(recipe: Recipe, workspace: Workspace) -> Pixels | None:
    """How that network's images or clips were; None where there are none, or the recipe's model starts afresh."""
    address = recipe.model.start
    if address is None or not isinstance(recipe.data, Images | Masks | Video):
        return None
    if not address.startswith(pretrained.RUN):
        return pretrained.presented(pretrained.find(address, workspace))
    from kcnn.data.preprocessing import Preprocessing

    source = folder.find(workspace, address.removeprefix(pretrained.RUN)).read("source") or {}
    seen = source["preprocessing"]
    return Preprocessing.from_json(seen.get("image", seen)).pixels


def begin(model: "keras.Model", recipe: Recipe, workspace: Workspace) -> str:
    """Give every layer the weights of its namesake, where their shapes agree; how many those are, in words.

    Raises InputError where there is none.
    """
    address = str(recipe.model.start)
    of = {layer.name: layer for layer in _network(address, model, workspace).layers}
    weighted = [layer for layer in model.layers if layer.weights]
    alike = [layer for layer in weighted if layer.name in of and _shapes(layer) == _shapes(of[layer.name])]
    for layer in alike:
        layer.set_weights(of[layer.name].get_weights())
    if not alike:
        raise InputError(f"no layer of {recipe.model.name} has the name and the shapes of one of {address}")
    return f"{len(alike)} of {len(weighted)} layers start as those of {address}"


def _network(address: str, model: "keras.Model", workspace: Workspace) -> "keras.Model":
    if address.startswith(pretrained.RUN):
        from kcnn.experiment import trained

        return trained.load(folder.find(workspace, address.removeprefix(pretrained.RUN))).model
    found = pretrained.find(address, workspace)
    frames = variant(found.model).input_shape[:-3]
    return pretrained.network(found, (*frames, found.size, found.size, found.channels))


def _shapes(layer: "keras.Layer") -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in layer.weights]
