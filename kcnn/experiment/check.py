"""What can be refused before TensorFlow is imported."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

from kcnn import models, recipes
from kcnn.data import address
from kcnn.errors import InputError
from kcnn.experiment import pretrained, start, tasks, vectors
from kcnn.recipes import Recipe
from kcnn.recipes.audio import Audio
from kcnn.recipes.augment import Affine, Dihedral, Flip
from kcnn.recipes.data import Images, Masks
from kcnn.recipes.recipe import Data
from kcnn.recipes.text import Text
from kcnn.recipes.video import EXAMPLES, FILMED, GENERATED, Video
from kcnn.weights.pretrained import Pretrained
from kcnn.workspace import Workspace

TRAINED = (
    "classification",
    "segmentation",
    "reconstruction",
    "generation",
    "sequences",
    "forecasting",
    "autoregression",
)
"""The tasks that networks are trained for by recipes."""


def resolve(recipe: Recipe | str, overrides: Mapping[str, Any], workspace: Workspace) -> Recipe:
    """The recipe of that name or file (a run's `recipe.json`), or the one given, with the overrides made and checked.

    A folder of images and a file of weights are written down whole, so that the run can be resumed from anywhere.
    Raises `InputError`, or `DataError` where a folder is not there.
    """
    resolved = drafted(recipe, overrides)
    found = check(resolved, workspace)
    begun = start.resolved(resolved, workspace)
    changes = {"data.source": address.absolute(resolved.data)}
    if isinstance(resolved.data, Text) and resolved.data.vectors:
        changes["data.vectors"] = str(Path(resolved.data.vectors).absolute())
    changes |= {"model.start": begun} if begun else {}
    if found:
        changes |= {"transfer.weights": found.address, "transfer.sha256": found.sha256}
    return recipes.override(resolved, changes)


def drafted(recipe: Recipe | str, overrides: Mapping[str, Any]) -> Recipe:
    """The recipe of that name or file, or the one given, with the overrides made, and nothing checked but its form.

    What a recipe says of its own dataset does not hold for a folder in its place, unless an override says it: one for
    generated clips leaves their size open, and a folder's take `FILMED`; one for a dataset of recordings knows which of
    them are its test, and a folder's are drawn.
    """
    if isinstance(recipe, str):
        recipe = _read(Path(recipe)) if recipe.endswith(".json") else recipes.load(recipe)
    if _generated(recipe.data):
        filmed = replace(recipe.video, size=recipe.video.size or (FILMED, FILMED), examples=EXAMPLES)
        made = recipes.override(replace(recipe, data=filmed), overrides)
        if isinstance(made.data, Video) and not _generated(made.data):
            return made
    made = recipes.override(recipe, overrides)
    if _recorded(recipe.data) and isinstance(made.data, Audio) and not _recorded(made.data):
        return recipes.override(replace(recipe, data=replace(recipe.data, test="drawn", speakers=())), overrides)
    return made


def _generated(data: Data) -> bool:
    return isinstance(data, Video) and data.source in GENERATED


def _recorded(data: Data) -> TypeGuard[Audio]:
    return isinstance(data, Audio) and data.source.startswith("tfds:")


def _read(path: Path) -> Recipe:
    try:
        return recipes.from_json(Recipe, json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{path} holds no recipe: {error}") from None


def _networks(recipe: Recipe) -> list[tuple[str, Mapping[str, Any]]]:
    """The recipe's network, and the one that it is built on, with their options."""
    own: dict[str, Any] = dict(recipe.model.options)
    backbone = [(own["backbone"], own.get("backbone_options") or {})] if "backbone" in own else []
    return [(recipe.model.name, own), *backbone]


def _shape(data: Data) -> tuple[int, ...] | None:
    """The shape of the images or clips that a network sees, where the recipe says it."""
    if isinstance(data, Images | Masks) and data.size:
        return data.size, data.size, data.channels or 1
    if isinstance(data, Video) and data.size:
        return data.frames, *data.size, data.colours
    return None


_DECIDED = ("answer", "vocabulary", "rate", "conditions", "local", "hop")
"""Options that a source has the last word about."""


def _check_decided(recipe: Recipe) -> None:
    """Refuse what is for images and clips, and options of the network that the data decide."""
    if isinstance(recipe.data, Images | Masks | Video):
        return
    if recipe.augment:
        raise InputError(
            f"augment is for images and clips, {recipe.name} learns from data.kind={recipe.data.kind}: augment=none"
        )
    if taken := [name for name in _DECIDED if name in recipe.model.options]:
        raise InputError(f"model.options.{taken[0]} is decided by the data: leave it out")


HALFWAY = 45
"""Degrees from one direction of `motions` to where it is as near to the next."""


def _check_motions(recipe: Recipe) -> None:
    """Refuse to mirror or turn clips whose class is where something goes."""
    if not isinstance(recipe.data, Video) or recipe.data.source != "motions":
        return
    if mirrored := [each.kind for each in recipe.augment if isinstance(each, Flip | Dihedral)]:
        raise InputError(
            f"augment {mirrored[0]} makes one class of motions another, such as right of left: leave it out"
        )
    for each in recipe.augment:
        if isinstance(each, Affine) and (turned := each.rotate + each.shear) >= HALFWAY:
            raise InputError(
                f"augment affine turns motions by up to {turned:g} degrees, which makes up of left: "
                f"rotate and shear must be below {HALFWAY} together"
            )


def _check_plan(recipe: Recipe, variant: models.Variant) -> None:
    """Refuse what of a training plan means nothing for the model's task."""
    plan = recipe.train
    task = tasks.of(recipe)
    if plan.label_smoothing and task not in ("classification", "generation"):
        raise InputError(f"train.label_smoothing is for classifiers and the dcgan, {variant.name} does {task} here")
    if plan.rubbish is not None and task != "classification":
        raise InputError(f"train.rubbish is for classifiers, {variant.name} does {task} here")
    if plan.best_by == "accuracy" and task not in ("classification", "segmentation", "labelling"):
        raise InputError(f"train.best_by must be loss, {variant.name} does {task} here, which has no accuracy")
    if plan.patience is not None and variant.task == "generation":
        raise InputError(
            f"train.patience has no loss to stop {variant.name} by: two networks learn against one another"
        )


def check(recipe: Recipe, workspace: Workspace) -> Pretrained | None:
    """Refuse a model, an option or a dataset that does not exist, data that the model cannot learn from, a wrong size.

    And weights that do not exist, or are not the model's: what a transfer starts from is the answer.
    """
    variant = models.variant(recipe.model.name)
    if variant.task not in TRAINED:
        raise InputError(f"{recipe.model.name} is not trained by labels: see kcnn.training.{recipe.model.name}")
    if recipe.data.kind not in variant.reads:
        reads = " or ".join(variant.reads)
        raise InputError(f"{variant.name} ({variant.task}) learns from data.kind={reads}, got {recipe.data.kind}")
    if isinstance(recipe.data, Audio) and recipe.data.task != variant.task:
        raise InputError(f"{variant.name} is for data.task={variant.task}, got {recipe.data.task}")
    if recipe.transfer and not variant.classifier:
        raise InputError(f"a transfer ends in a classifier of images, not in {variant.name}: leave transfer out")
    _check_plan(recipe, variant)
    models.check(recipe.model.name, _shape(recipe.data), None, dict(recipe.model.options))
    _check_decided(recipe)
    _check_motions(recipe)
    vectors.check(recipe)
    if recipe.model.options.get("features_only"):
        raise InputError("model.options.features_only leaves no classifier to train")
    for name, options in _networks(recipe):
        if options.get("like") == "keras" and models.variant(name).module == "efficientnet" and not recipe.transfer:
            raise InputError(f"{name} in Keras's form standardises pixels itself: train another form of it")
    address.check(recipe.data)
    return pretrained.of(recipe, workspace)
