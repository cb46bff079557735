"""What can be refused before TensorFlow is imported."""

from collections.abc import Mapping
from typing import Any

from kcnn import models, recipes
from kcnn.data import address
from kcnn.recipes import Recipe


def resolve(recipe: Recipe | str, overrides: Mapping[str, Any]) -> Recipe:
    """The recipe of that name, or the recipe given, with the overrides made and every name checked.

    Raises `InputError`, or `DataError` where a folder is not there.
    """
    named = recipes.load(recipe) if isinstance(recipe, str) else recipe
    resolved = recipes.override(named, overrides)
    check(resolved)
    return resolved


def check(recipe: Recipe) -> None:
    """Refuse a model, an option or a dataset that does not exist, and an image size the model cannot take."""
    shape = (recipe.data.size, recipe.data.size, recipe.data.channels or 1) if recipe.data.size else None
    models.check(recipe.model.name, shape, None, dict(recipe.model.options))
    address.check(recipe.data.source)
