"""Word vectors that a network of texts begins with."""

from pathlib import Path
from typing import TYPE_CHECKING

from kcnn.errors import DataError, InputError
from kcnn.recipes import Recipe
from kcnn.recipes.text import Text

if TYPE_CHECKING:
    import keras

    from kcnn.data.words import TextPreparation

EMBEDDINGS = ("words", "words_static")
"""The layers that hold vectors of words, of which a network has one or both."""


def check(recipe: Recipe) -> None:
    """Refuse a file that is not there, and forms of a network that need one without it, or have no use for it.

    Raises `InputError`, or `DataError` where the file is not there.
    """
    if not isinstance(recipe.data, Text):
        return
    embedding, path = recipe.model.options.get("embedding", "random"), recipe.data.vectors
    if path is None and embedding != "random":
        raise InputError(
            f"model.options.embedding={embedding} begins with vectors of words: data.vectors names their file"
        )
    if path is not None and embedding == "random":
        raise InputError(
            "data.vectors are used with model.options.embedding=static, non-static or multichannel: random has its own"
        )
    if path is not None and not Path(path).is_file():
        raise DataError(f"data.vectors: {path} is {'no file' if Path(path).exists() else 'not there'}")


def begin(model: "keras.Model", recipe: Recipe, preparation: "TextPreparation") -> str | None:
    """Put the vectors of the recipe's file into the network; how many words have one, in words. None without a file.

    Raises DataError for a file that is damaged or has none of the words, InputError for other dimensions than the
    network's.
    """
    if not isinstance(recipe.data, Text) or recipe.data.vectors is None:
        return None
    from kcnn.weights import word2vec

    layers = [layer for layer in model.layers if layer.name in EMBEDDINGS]
    vectors = word2vec.read(recipe.data.vectors, set(preparation.words), layers[0].output_dim)
    table = word2vec.matrix(vectors, preparation.words, recipe.train.seed)
    for layer in layers:
        layer.set_weights([table])
    return (
        f"{len(vectors.found):,} of {len(preparation.words):,} words begin with their vector in {recipe.data.vectors}"
    )
