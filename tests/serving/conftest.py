"""SavedModels whose answers can be known by looking: which of the three channels is the brightest."""

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from kcnn.data.preprocessing import Preprocessing
from kcnn.exporting.classifier import Classifier
from kcnn.exporting.saved_model import publish, write

ENGLISH = ("red", "green", "blue")
GERMAN = ("rot", "grün", "blau")


def image(colour: int, height: int = 4, width: int = 4) -> np.ndarray:
    """An image that is bright in one channel."""
    pixels = np.full((height, width, 3), 20, np.uint8)
    pixels[..., colour] = 200
    return pixels


def png(colour: int, height: int = 4, width: int = 4) -> bytes:
    return tf.io.encode_png(image(colour, height, width)).numpy()


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One network as two SavedModels, that answer in English and in German."""
    pixels = keras.Input((4, 4, 3))
    brightness = keras.layers.GlobalAveragePooling2D()(pixels)
    logits = keras.layers.Dense(3, kernel_initializer=keras.initializers.Identity(gain=8.0))(brightness)
    model = keras.Model(pixels, logits)
    fit = Preprocessing(4, 4, 3, "stretch")
    folder = tmp_path_factory.mktemp("exports")
    return {classes[0]: write(Classifier(model, fit, classes), folder) for classes in (ENGLISH, GERMAN)}


@pytest.fixture
def colours(exports: dict[str, Path], tmp_path: Path) -> Path:
    """A directory of models with one version, `colours/1`, which answers in English."""
    add(exports["red"], tmp_path / "models" / "colours")
    return tmp_path / "models"


def add(export: Path, model: Path) -> Path:
    """Publish a copy of a SavedModel as the next version."""
    model.mkdir(parents=True, exist_ok=True)
    copy = model / ".copy"
    shutil.copytree(export, copy)
    return publish(copy, model)
