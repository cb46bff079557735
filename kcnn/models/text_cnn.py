"""Sentences by convolution: Kim 2014, figure 1. Windows of words, and of each filter its strongest answer."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import TemporalPooling, WordVectors
from kcnn.layers.block import act
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
    these two. T may be None. As in the authors' code a window may reach beyond the text, where all is 0: every word is
    met by every tap of every filter. Padding does not change the answer: a window without a word does not count.

    `embedding` is one of the paper's four models, CNN-rand, -static, -non-static and -multichannel. "random" and
    "non-static" train the vectors `words`, "static" has `words_static`, which stay as they are, and "multichannel" has
    both. What tells "random" from "non-static" is who fills them: all begin uniform in -0.25..0.25, as the paper's
    unknown words do. In "multichannel" each filter is applied to both channels and the results are added. A convolution
    is linear, so the vectors are added before it.

    After each step of the optimizer the weights of a class are scaled down to the paper's norm `max_norm`, where that
    is less; None leaves them. The paper's dropout drops, and its weights are scaled down when training is over; Keras's
    scales up what it keeps. So the weights here are 1 - dropout times the paper's, and so is their greatest norm.

    The paper does not say how filters and classes begin; here as in its code.

    Taps: `stem`, the words' vectors; `features` and `pooled`, both the strongest answers of all filters; `logits`.
    """
    text = layers.Input(input_shape, dtype="int32", name="text")  # 56
    x = tap(embedded(text, vocabulary, dimensions, embedding), "stem")  # (56, 300)
    found = [strongest(x, text, window, filters, name=f"window{window}") for window in windows]  # 100 each
    x = layers.Concatenate(name="features")(found) if len(found) > 1 else tap(found[0], "features")  # 300
    x = tap(x, "pooled")
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    constraint = keras.constraints.MaxNorm(max_norm * (1 - dropout), axis=0) if max_norm else None
    return keras.Model(text, logits(x, classes, "zeros", constraint), name=name)


def embedded(words: Any, vocabulary: int, dimensions: int, embedding: str) -> Any:
    """The words' vectors (N, T, dimensions): those that are trained, those that are not, or the sum of both."""
    trained = {"static": {"words_static": False}, "multichannel": {"words": True, "words_static": False}}
    channels = [
        WordVectors(vocabulary, dimensions, uniform(0.25), trainable=trainable, name=name)(words)
        for name, trainable in trained.get(embedding, {"words": True}).items()
    ]
    return layers.Add(name="words_add")(channels) if len(channels) > 1 else channels[0]


def strongest(x: Any, words: Any, window: int, filters: int, *, name: str) -> Any:
    """A convolution of `window` words, ReLU, and the maximum over the text: (N, T, C) to (N, filters)."""
    x = layers.ZeroPadding1D(window - 1, name=f"{name}_edges")(x)  # (60, 300)
    x = layers.Conv1D(filters, window, kernel_initializer=uniform(0.01), name=f"{name}_conv")(x)  # (58, 100)
    return TemporalPooling("max", window, name=f"{name}_pool")([act(x, "relu", name), words])


def uniform(most: float) -> Any:
    """Weights between -most and most."""
    return keras.initializers.RandomUniform(-most, most)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"text_cnn": text_cnn}
