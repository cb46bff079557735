"""The pretrained network that a transfer starts from: found by its address, checked, built, and given a head."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.errors import InputError, unknown
from kcnn.experiment import folder, tasks
from kcnn.models.catalog import CATALOG
from kcnn.recipes import Recipe
from kcnn.recipes.data import Images, Pixels
from kcnn.recipes.transfer import Transfer
from kcnn.weights.pretrained import KERAS_SUFFIXES, PACKAGES, TORCH_SUFFIXES, Pretrained, checked, from_file, packaged
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    import keras

RUN = "run:"
OWN = "kcnn"
"""The origin of the project's own runs."""


def find(address: str, workspace: Workspace, model: str | None = None, classes: int | None = None) -> Pretrained:
    """The network that `address` names: a variant whose weights a package ships, `run:ID`, or a file.

    `model` and `classes` are those of a file. Raises InputError, with the nearest name, where there is nothing of that
    name, the run is not finished, or a file cannot be used; no TensorFlow is imported.
    """
    if address.startswith(RUN):
        return _own(folder.find_best(workspace, address.removeprefix(RUN)))
    if address in PACKAGES:
        return packaged(address)
    path = Path(address)
    if path.exists() or "/" in address or path.suffix in KERAS_SUFFIXES | TORCH_SUFFIXES:
        return from_file(path, model, classes)
    if address in CATALOG:
        shipped = ", ".join(PACKAGES)
        raise InputError(f"no package ships weights of {address}, only of {shipped}: give a file, or run:ID")
    raise unknown("weights", address, PACKAGES)


def of(recipe: Recipe, workspace: Workspace) -> Pretrained | None:
    """The network that a recipe starts from, if it does.

    Raises InputError as `find` does, for other contents than the recipe's, and for a model that is not the weights'.
    """
    plan = recipe.transfer
    if plan is None:
        return None
    found = find(plan.weights, workspace, recipe.model.name, plan.classes)
    if plan.sha256 not in (None, found.sha256):
        raise InputError(f"{plan.weights} has changed: its SHA-256 is {found.sha256[:16]}…, not {plan.sha256[:16]}…")
    if recipe.model.name != found.model:
        raise InputError(f"{plan.weights} are weights of {found.model}, not of {recipe.model.name}")
    if recipe.images.channels != found.channels:
        raise InputError(f"{plan.weights} needs data.channels={found.channels}, got {recipe.images.channels}")
    return found


def images(found: Pretrained, dataset: str, size: int | None, **more: Any) -> Images:
    """The dataset as the network takes it, at `size` pixels a side or that of the weights."""
    return Images(source=dataset, size=size or found.size, channels=3 if found.channels == 3 else 1, **more)


def presented(found: Pretrained) -> Pixels:
    """How images are presented to the network in a transfer: they are kept whole, not cropped."""
    return replace(found.pixels, crop=1.0)


def network(found: Pretrained, shape: tuple[int, ...]) -> "keras.Model":
    """The whole pretrained network, with its weights, for images of another shape (height, width, channels), or clips.

    A classifier that the file does not hold is a fresh dense layer behind the mean over the maps of `features`.
    Raises InputError where the file does not fit, or the network is tied to its own size of images.
    """
    import keras

    from kcnn import models
    from kcnn.models.cuts import without_heads
    from kcnn.transfer.cut import cut
    from kcnn.weights import load

    if found.origin == OWN:
        return _resized(found, shape)
    model = models.build(found.model, shape, found.classes, **dict(found.options))
    if found.headless:
        model = keras.Model(model.input, model.get_layer("features").output, name=model.name)
    load(model, found.path, found.origin)
    return cut(model, "features", found.classes) if found.headless else without_heads(model)


def check_layers(whole: "keras.Model", plan: Transfer) -> None:
    """Raise InputError, with the nearest name, where the plan cuts behind or freezes a layer that is not there."""
    from kcnn.transfer.cut import cut
    from kcnn.transfer.stages import frozen

    frozen(cut(whole, plan.cut, 2), plan)


def cut_network(found: Pretrained, plan: Transfer, shape: tuple[int, int, int], classes: int) -> "keras.Model":
    """The network as the plan cuts it, with a new head for so many classes."""
    from kcnn.transfer.cut import cut
    from kcnn.transfer.stages import hasten

    model = cut(network(found, shape), plan.cut, classes, plan.dropout)
    hasten(model, plan)
    return model


def _own(found: folder.RunFolder) -> Pretrained:
    found.check_finished()
    recipe, source = found.recipe(), found.read("source")
    tasks.check_classifier(found.name, recipe, "transfers start from")
    if not source:
        raise InputError(f"{found.name} does not say how its images were presented: its source.json is gone")
    seen: dict[str, Any] = source["preprocessing"]
    if seen["height"] != seen["width"]:
        raise InputError(f"{found.name} sees images of {seen['height']}x{seen['width']}: transfers need square ones")
    return Pretrained(
        address=f"{RUN}{found.name}",
        model=recipe.model.name,
        origin=OWN,
        path=found.model,
        sha256=checked(found.model, ""),
        size=seen["height"],
        channels=seen["channels"],
        classes=len(source["classes"]),
        pixels=Pixels(**{name: seen[name] for name in ("mean", "std", "order", "interpolation") if name in seen}),
        options=dict(recipe.model.options),
        augment=recipe.augment,
    )


def _resized(found: Pretrained, shape: tuple[int, ...]) -> "keras.Model":
    """A run's model, in the precision of the moment, and for images of another size where its layers allow it."""
    import keras

    from kcnn.experiment import trained
    from kcnn.layers.refresh import refresh

    model = trained.load(folder.RunFolder(found.path.parent)).model
    policy = keras.config.dtype_policy()
    fits = tuple(model.input_shape[1:]) == tuple(shape)
    if fits and policy.name == "float32":
        return model

    def same(layer: keras.Layer) -> keras.Layer:
        own = {} if layer.name == "logits" else {"dtype": policy}  # float32 under any precision
        return type(layer).from_config(layer.get_config() | own)

    try:
        other = keras.models.clone_model(model, keras.Input(shape, name="image"), clone_function=same)
        other.set_weights(model.get_weights())
        refresh(other)
    except ValueError:
        if fits:
            raise
        raise InputError(
            f"{found.address} is tied to images of {found.size} pixels a side: leave data.size at that"
        ) from None
    return other
