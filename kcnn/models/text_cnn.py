"""Sentences by convolution: Kim 2014, figure 1. Windows of words, and of each filter its strongest answer."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import TemporalPooling, WordPadding
from kcnn.layers.block import act, he_normal
from kcnn.models.parts import logits, tap


def text_cnn(
    input_shape: Sequence[int | None],
    classes: int,
    name: str,
    *,
    vocabulary: int = 18_767,
    dimensions: int = 300,
    windows: Sequence[int] = (3, 4, 5),
    filters: int = 100,
    dropout: float = 0.5,
    max_norm: float | None = 3.0,
    embedding: str = "random",
) -> keras.Model:
    """Texts (N, T) of whole numbers to logits (N, classes).

    0 is the padding at the end and 1 every unknown word; `vocabulary` counts both: the paper's 18,765 words of MR and
    these two. T may be None. Padding does not change the answer: the maximum is over the windows within the text, or
    over the first where the text is shorter. A batch of fewer than max(windows) words is padded to so many.

    `embedding` is one of the paper's four models. "random" and "tuned" train the vectors `words`, "static" has
    `words_static`, which stay as they are, and "both" has both. What tells "random" from "tuned" is who fills them:
    all begin uniform in -0.25..0.25, as the paper's unknown words do. In "both" each filter is applied to both channels
    and the results are added. A convolution is linear, so the vectors are added before it.

    After each step of the optimizer the weights of a class are scaled down to a norm of `max_norm`, where that is less;
    None leaves them. The paper does not say how filters begin; here as He's.

    Taps: `stem`, the words' vectors; `features` and `pooled`, both the strongest answers of all filters; `logits`.
    """
    text = words = layers.Input(input_shape, dtype="int32", name="text")  # 56
    if input_shape[0] is None or input_shape[0] < max(windows):
        words = WordPadding(max(windows), name="text_padding")(text)
    x = tap(embedded(words, vocabulary, dimensions, embedding), "stem")  # (56, 300)
    found = [strongest(x, words, window, filters, name=f"window{window}") for window in windows]  # 100 each
    x = layers.Concatenate(name="features")(found) if len(found) > 1 else tap(found[0], "features")  # 300
    x = tap(x, "pooled")
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    constraint = keras.constraints.MaxNorm(max_norm, axis=0) if max_norm else None
    return keras.Model(text, logits(x, classes, constraint=constraint), name=name)


def embedded(words: Any, vocabulary: int, dimensions: int, embedding: str) -> Any:
    """The words' vectors (N, T, dimensions): those that are trained, those that are not, or the sum of both."""
    trained = {"static": {"words_static": False}, "both": {"words": True, "words_static": False}}
    channels = [
        layers.Embedding(vocabulary, dimensions, uniform(), trainable=trainable, name=name)(words)
        for name, trainable in trained.get(embedding, {"words": True}).items()
    ]
    return layers.Add(name="words_add")(channels) if len(channels) > 1 else channels[0]


def strongest(x: Any, words: Any, window: int, filters: int, *, name: str) -> Any:
    """A convolution of `window` words, ReLU, and the maximum over the text: (N, T, C) to (N, filters)."""
    x = layers.Conv1D(filters, window, kernel_initializer=he_normal(), name=f"{name}_conv")(x)  # (54, 100)
    return TemporalPooling("max", window, name=f"{name}_pool")([act(x, "relu", name), words])


def uniform() -> Any:
    """The first vectors."""
    return keras.initializers.RandomUniform(-0.25, 0.25)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"text_cnn": text_cnn}
