"""Kinds of data beside single images, for each a convolutional network, and an LSTM that has as many weights."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from kcnn import models
from kcnn.data import address
from kcnn.data.scanned import scanned
from kcnn.data.source import Source
from kcnn.layers import LogMel, TemporalPooling, WordVectors
from kcnn.models.parts import logits, rescaled
from kcnn.models.text_cnn import uniform
from kcnn.recipes.audio import Audio, hop
from kcnn.recipes.data import Images
from kcnn.recipes.model import Model
from kcnn.recipes.recipe import Data
from kcnn.recipes.series import Series
from kcnn.recipes.text import Text
from kcnn.recipes.video import Video

WORDS = "words"

SHRUNK = 4
"""How much smaller an LSTM sees the frames of a clip."""


@dataclass(frozen=True)
class Kind:
    """What is learned, in words and as data; by which convolutional network, how that pools time; for how many epochs.

    `external` data have to be in KCNN_DATA.
    """

    what: str
    data: Data
    model: Model
    pooling: str
    epochs: int
    external: bool = False


KINDS: Mapping[str, Kind] = {
    "text": Kind(
        "sentences on films",
        Text(source="rotten_tomatoes", folds=10, validation=0.0),
        Model(name="text_cnn", options={"dimensions": 32, "filters": 32}),
        pooling="max",
        epochs=3,
        external=True,
    ),
    "audio": Kind(
        "spoken digits",
        Audio(source="tfds:spoken_digit", test="first", validation=0.0),
        Model(name="spectrogram_cnn", options={"filters": 4, "dropout": 0.0}),
        pooling="mean",
        epochs=5,
        external=True,
    ),
    "series": Kind(
        "digits, pixel by pixel",
        Series(source="digits", task="classification", validation=0.0),
        Model(name="tcn", options={"filters": 16, "levels": 4, "kernel": 7}),
        pooling="last",
        epochs=12,
    ),
    "video": Kind(
        "clips of moving shapes",
        Video(source="motions", examples=600, validation=0.0),
        Model(name="c3d_small", options={"filters": 8}),
        pooling="mean",
        epochs=12,
    ),
}


def there(kind: Kind, folder: Path | None) -> bool:
    """Whether the examples can be read; `folder` is that of the external ones."""
    if not kind.external:
        return True
    inside = Path("tfds") / kind.data.source.removeprefix("tfds:") if isinstance(kind.data, Audio) else kind.data.source
    return folder is not None and (folder / inside).is_dir()


def read(data: Data, folder: Path) -> Source[Any, Any]:
    """The examples; `folder` is that of the external ones."""
    match data:
        case Series():
            return scanned(data, address.load(Images(source=data.source, validation=0.0)))
        case Text():
            return address.load(replace(data, source=str(folder / data.source)))
        case Audio():
            with prepared_in(folder / "tfds"):
                return address.load(data)
    return address.load(data)


@contextmanager
def prepared_in(folder: Path) -> Iterator[None]:
    """While this lasts TensorFlow Datasets looks there, unless its own variable says where."""
    told = "TFDS_DATA_DIR" in os.environ
    os.environ.setdefault("TFDS_DATA_DIR", str(folder))
    try:
        yield
    finally:
        if not told:
            del os.environ["TFDS_DATA_DIR"]


def convolutional(kind: Kind, source: Source[Any, Any]) -> keras.Model:
    """The network of that kind, as a run builds it."""
    known = models.variant(kind.model.name).options
    decided = {name: value for name, value in source.options.items() if name in known}
    options = {"classes": len(source.classes), **decided, **kind.model.options}
    return models.build(kind.model.name, source.example_shape, **options)


def recurrent(kind: Kind, source: Source[Any, Any], weights: int) -> keras.Model:
    """An LSTM with about so many weights: it reads in steps what the convolutional network sees, and pools alike."""
    classes = len(source.classes)
    inputs = keras.Input(source.example_shape, dtype="int32" if isinstance(kind.data, Text) else None)
    match kind.data:
        case Text():
            vocabulary, dimensions = source.options["vocabulary"], kind.model.options["dimensions"]
            x = WordVectors(vocabulary, dimensions, uniform(0.25), name=WORDS)(inputs)  # a word
        case Audio():
            x = rescaled(LogMel(kind.data.rate, hop=hop(kind.data.rate))(inputs), name="standardised")  # 10 ms
        case _:
            x = inputs
            if isinstance(kind.data, Video):
                x = layers.AveragePooling3D((1, SHRUNK, SHRUNK))(x)  # or else a layer that sees all would be tiny
            x = layers.Reshape((source.example_shape[0], -1))(x)  # a pixel of a digit, all of a frame
    x = layers.LSTM(units(x.shape[-1], classes, weights), return_sequences=True)(x)
    x = TemporalPooling(kind.pooling)([x, inputs] if isinstance(kind.data, Text) else x)
    return keras.Model(inputs, logits(x, classes))


def units(features: int, classes: int, weights: int) -> int:
    """Of the LSTM that has, with its classifier, the number of weights nearest to that."""
    return min(
        range(1, 500), key=lambda count: abs(4 * count * (features + count + 1) + (count + 1) * classes - weights)
    )


def size(model: keras.Model) -> int:
    """How many weights learn, without the vectors of words."""
    return sum(
        int(np.prod(variable.shape))
        for layer in model.layers
        if layer.name != WORDS
        for variable in layer.trainable_variables
    )
