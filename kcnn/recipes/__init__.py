"""What to run: immutable, typed, validated values that can be written as JSON and run again."""

from kcnn.recipes.library import load, names
from kcnn.recipes.overrides import override
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.spec import flatten, from_json, to_json

__all__ = ["Recipe", "flatten", "from_json", "load", "names", "override", "to_json"]
