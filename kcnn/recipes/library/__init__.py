"""The recipes that kcnn ships, one file each; the file's docstring is its story."""

from importlib import import_module
from pkgutil import iter_modules

from kcnn.errors import unknown
from kcnn.recipes.recipe import Recipe


def names() -> list[str]:
    """The names of all recipes."""
    return sorted(module.name for module in iter_modules(__path__))


def load(name: str) -> Recipe:
    """The recipe of that name; `InputError` with the nearest name if there is none."""
    return _module(name).recipe


def story(name: str) -> str:
    """What the recipe's file says of it: source, command, expected time and score."""
    return (_module(name).__doc__ or "").strip()


def _module(name: str):  # type: ignore[no-untyped-def]
    if name not in names():
        raise unknown("recipe", name, names())
    return import_module(f"{__name__}.{name}")
